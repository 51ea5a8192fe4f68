import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "./cli.ts";
import type { TestHome } from "./home.ts";
import type { Owner } from "./owner.ts";
import { allProcesses, endProcesses, type SeenProcess, seeProcess } from "./processes.ts";
import { waitFor } from "./wait.ts";

/** What a call of the command line came to. */
export interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user of the command line, whom the daemon tells from all others. */
export interface TestCaller {
  readonly pid: number;
  /** Runs `devlatch ARGS…` on this caller's behalf. A non-zero exit code is a result, not an error. */
  call(...args: readonly string[]): Promise<Called>;
  /** As {@link call}, with a text on standard input. */
  feed(input: string, ...args: readonly string[]): Promise<Called>;
  /** As {@link call} with `--json`, which must succeed. @returns the document it printed */
  json<T = unknown>(...args: readonly string[]): Promise<T>;
  /** Begins `devlatch ARGS…` on this caller's behalf, without waiting for its end. */
  begin(...args: readonly string[]): void;
  /** Ends the caller as a crash or a closed terminal would. */
  end(): Promise<void>;
}

/**
 * Runs each command that comes in on standard input in a shell with a session of its own, without a terminal, as coding
 * agents do.
 */
const agentProgram = `
  process.title = process.argv[1];
  const { execFile, spawn } = require("node:child_process");
  require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const child = spawn("sh", ["-c", line], { detached: true, stdio: "ignore" });
  }).on("close", () => process.exit());
`;

/**
 * A program that runs commands without a terminal.
 * @param name what it calls itself
 * @param marks variables by which it says that it is an agent
 */
export function startAgent(
  owner: Owner,
  home: TestHome,
  name: string,
  marks: NodeJS.ProcessEnv = {},
): TestCaller {
  const child = spawn(process.execPath, ["-e", agentProgram, name], {
    detached: true,
    env: home.env(marks),
    stdio: ["pipe", "inherit", "inherit"],
  });
  return callerOf(owner, child.pid, (command) => child.stdin.write(command));
}

/** A terminal with a shell in it (util-linux's script(1)). */
export async function openTerminal(owner: Owner, home: TestHome): Promise<TestCaller> {
  const child = spawn("script", ["-qfc", "sh", "/dev/null"], {
    env: home.env({ TERM: "xterm", PS1: "" }),
    stdio: ["pipe", "ignore", "ignore"],
  });
  const shell = await waitFor("the terminal's shell", () =>
    allProcesses().find(({ ppid }) => ppid === child.pid),
  );
  owner.after(() => {
    child.kill("SIGKILL");
  });
  return callerOf(owner, shell.pid, (command) => child.stdin.write(command));
}

function callerOf(owner: Owner, pid: number | undefined, type: (command: string) => void): TestCaller {
  const seen: SeenProcess | undefined = pid === undefined ? undefined : seeProcess(pid);
  assert.ok(seen, "the caller runs");
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-call-"));
  const end = () =>
    endProcesses(
      () => [seeProcess(seen.pid)].filter((one) => one?.startTime === seen.startTime) as SeenProcess[],
      0,
    );
  owner.after(end);
  owner.after(() => rmSync(directory, { recursive: true, force: true }));
  let calls = 0;
  const wordsOf = (args: readonly string[]) =>
    [process.execPath, commandLine, ...args].map((word) => `'${word}'`).join(" ");
  const call = (...args: readonly string[]) => feed(undefined, ...args);
  const feed = async (input: string | undefined, ...args: readonly string[]): Promise<Called> => {
    const at = join(directory, String(++calls));
    if (input !== undefined) writeFileSync(`${at}.in`, input);
    const from = input === undefined ? "" : `<${at}.in `;
    type(`${wordsOf(args)} ${from}>${at}.out 2>${at}.err; echo $? >${at}.tmp; mv ${at}.tmp ${at}.code\n`);
    const code = await waitFor(`devlatch ${args.join(" ")}`, () => read(`${at}.code`));
    return { code: Number(code), stdout: read(`${at}.out`) ?? "", stderr: read(`${at}.err`) ?? "" };
  };
  return {
    pid: seen.pid,
    call,
    feed,
    begin: (...args) => type(`${wordsOf(args)} >/dev/null 2>&1\n`),
    json: async <T>(...args: readonly string[]) => {
      const { code, stdout, stderr } = await call(...args, "--json");
      assert.equal(code, 0, stdout + stderr);
      return JSON.parse(stdout) as T;
    },
    end,
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
