import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Running, startProgram } from "../../support/child.ts";
import type { CliResult } from "../../support/cli.ts";
import { Developer } from "../../support/developer.ts";
import { userEnv } from "../../support/env.ts";
import { createHome, type TestHome } from "../../support/home.ts";
import type { Owner } from "../../support/owner.ts";
import { freePort } from "../../support/ports.ts";
import { endProcesses, processesWith } from "../../support/processes.ts";
import { type ProjectName, prepareCase } from "../../support/projects.ts";

/** A refusal, as `--json` prints it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** A case of test/fixtures/cases that a developer has before him, with a home of its own. */
export interface OpenCase {
  readonly cwd: string;
  readonly home: TestHome;
  /** The free ports that its files name now. */
  readonly ports: readonly number[];
  /** Runs `devlatch ARGS…` there to its end. */
  run(...args: readonly string[]): Promise<CliResult>;
  /** As {@link run} with `--json`, which must succeed. @returns the document it printed */
  json<T>(...args: readonly string[]): Promise<T>;
  /** As {@link json}, which must end with this exit code instead. @returns the error it printed */
  refused(exitCode: number, ...args: readonly string[]): Promise<Refusal>;
  /** Writes a file of it, with its directory. */
  write(file: string, text: string): Promise<void>;
  read(file: string): string;
  /** Runs a shell's line there as in a terminal of one's own. It ends with the case's owner. */
  byHand(line: string): Promise<Running>;
}

/** Is in the environment of what was started by hand in a case. */
const byHandVariable = "DEVLATCH_TEST_BY_HAND";

/**
 * A fresh copy of a case.
 * @param ports those that its files name: each becomes a free one, since tests run side by side
 * @param modules the fixture project whose packages it gets
 */
export async function openCase(
  owner: Owner,
  name: string,
  { ports = [], modules }: { ports?: readonly number[]; modules?: ProjectName } = {},
): Promise<OpenCase> {
  const cwd = await prepareCase(name, owner, modules);
  const home = createHome(owner);
  const free: number[] = [];
  for (const _ of ports) free.push(await freePort());
  renumber(cwd, new Map(ports.map((port, at) => [`${port}`, `${free[at]}`])));
  const developer = new Developer(home, cwd);
  return {
    cwd,
    home,
    ports: free,
    run: (...args) => developer.types(...args),
    json: (...args) => developer.asks(...args),
    refused: async (exitCode, ...args) => {
      const { code, stdout, stderr, json } = await developer.types("--json", ...args);
      assert.equal(code, exitCode, stdout + stderr);
      return (json as { error: Refusal }).error;
    },
    write: async (file, text) => {
      await mkdir(dirname(join(cwd, file)), { recursive: true });
      writeFileSync(join(cwd, file), text);
    },
    read: (file) => readFileSync(join(cwd, file), "utf8"),
    byHand: (line) => {
      owner.after(() => endProcesses(() => processesWith(byHandVariable, cwd)));
      return startProgram("sh", ["-c", line], { cwd, env: userEnv({ [byHandVariable]: cwd }) });
    },
  };
}

/** Puts other numbers in place of those in a case's files. */
function renumber(directory: string, numbers: ReadonlyMap<string, string>): void {
  if (numbers.size === 0) return;
  const pattern = new RegExp([...numbers.keys()].join("|"), "g");
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.name === "node_modules" || entry.name === "package-lock.json") continue;
    if (entry.isDirectory()) renumber(path, numbers);
    else
      writeFileSync(
        path,
        readFileSync(path, "utf8").replace(pattern, (one) => numbers.get(one) ?? one),
      );
  }
}
