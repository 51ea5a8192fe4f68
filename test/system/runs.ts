import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Owner } from "../support/owner.ts";

/** What `run --json` prints. */
export interface RunAnswer {
  readonly outcome: "executed" | "attached" | "replayed";
  readonly exitCode: number;
  readonly fence: number;
  readonly session: string;
  readonly cancelled: boolean;
}

/** A directory to run in, with a file in which every execution leaves a line. */
export interface RunBench {
  readonly cwd: string;
  /** Words of a command that appends its pid to the journal, then does what `script` (sh) says. */
  command(script: string): string[];
  /** Pids of the executions so far. */
  executions(): number[];
  /** Creates a file that a script waits for with `until [ -e NAME ]`. */
  open(gate: string): void;
  path(name: string): string;
}

/** Shell words that wait until a file is there. */
export function waitFor(gate: string): string {
  return `until [ -e ${gate} ]; do sleep 0.05; done`;
}

export function createBench(owner: Owner, settings: object = {}): RunBench {
  const parent = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-run-"));
  owner.after(() => rmSync(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  const cwd = join(parent, "project");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ name: "project" }));
  writeFileSync(join(cwd, "devlatch.json"), JSON.stringify(settings));
  const path = (name: string) => join(cwd, name);
  return {
    cwd,
    path,
    command: (script) => ["sh", "-c", `echo $$ >> journal; ${script}`],
    executions: () => linesOf(path("journal")).map(Number),
    open: (gate) => writeFileSync(path(gate), ""),
  };
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}
