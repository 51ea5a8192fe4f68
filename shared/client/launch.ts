import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { requireBelieved } from "../base/believed-path.ts";
import { abortable } from "../base/deadline.ts";
import { DevlatchError, type ErrorShape, fromErrorShape, hasCode, isErrorCode } from "../base/errors.ts";
import type { Abilities } from "../model/abilities.ts";
import type { JournalPage } from "../model/journal.ts";
import { daemonVariable, ownArgument } from "../model/marks.ts";
import { runtimeArguments } from "../model/own-runtime.ts";
import { makeHome, unusableHome } from "./believed-home.ts";
import { daemonEnvironment } from "./daemon-environment.ts";
import type { Home } from "./home.ts";

/** How to start the daemon: the script next to the client's own bundle. */
export interface DaemonProgram {
  /** Path of `daemon.js`. */
  readonly script: string;
  /** Extra arguments for the runtime, e.g. `--import`. */
  readonly nodeArguments?: readonly string[];
  /** Variables added to the daemon's environment, e.g. `DEVLATCH_REDIS_URL`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a starting daemon says on its standard output, as one line of JSON. */
export type DaemonReport =
  | { readonly kind: "ready" }
  /** Another daemon holds the lock of this home. */
  | { readonly kind: "running" }
  | { readonly kind: "failed"; readonly error: ErrorShape };

/**
 * Starts a daemon that outlives this process, on this very runtime (in an editor: Electron as Node).
 * @returns once it listens, or once it found that another daemon serves this home
 * @throws DevlatchError `UNSAFE_PATH`; what the daemon reports; `DAEMON_UNAVAILABLE` when it ends without a word; the signal's reason
 */
export async function launchDaemon(
  program: DaemonProgram,
  home: Home,
  signal: AbortSignal,
): Promise<"ready" | "running"> {
  const errors = openErrors(home);
  try {
    // The daemon runs what V8 made of it before; it can only look at that itself when it runs.
    requireBelieved(home.cacheDirectory, "directory");
    const args = [...runtimeArguments, ...(program.nodeArguments ?? []), program.script, ownArgument];
    const child = spawn(process.execPath, ["-e", startAndEnd, "--", ...args], {
      detached: true,
      cwd: homedir(),
      env: environmentOf(program, home),
      stdio: ["ignore", "pipe", errors],
      windowsHide: true,
    });
    child.unref();
    const output = child.stdout as Readable; // "pipe" above
    try {
      return await abortable(readReport(child, output, home), signal);
    } finally {
      output.destroy();
    }
  } finally {
    closeSync(errors);
  }
}

/**
 * Starts a program, in a session of its own, as no one's child: it ends at once itself. While the daemon was its client's
 * child, all servers were below the client too, and a runner that ends what is below it (tree-kill in concurrently and in
 * editors, `taskkill /T`) ended them. A shell would be quicker, but makes no session and on Windows reads words anew.
 */
const startAndEnd = `
const options = { detached: true, stdio: ["ignore", "inherit", "inherit"], windowsHide: true };
require("node:child_process").spawn(process.execPath, process.argv.slice(1), options).unref();
`;

/** Where the daemon's last words go. @throws DevlatchError `UNSAFE_PATH`, `DAEMON_UNAVAILABLE` */
function openErrors(home: Home): number {
  try {
    makeHome(home);
    return openSync(`${home.logFile}.stderr`, "a", 0o600);
  } catch (cause) {
    throw hasCode(cause) ? cause : unusableHome(home, cause);
  }
}

/** How long such a program may take, in milliseconds, and what it may print, in bytes. */
const besideTimeoutMs = 10_000;
const longestOutput = 64 * 1024 * 1024;

/**
 * The journal's last entries without a daemon, by a program beside the daemon's that makes and changes nothing.
 * @throws DevlatchError `UNSAFE_PATH`; `INTERNAL` where it can't be read: no such program, a damaged file
 */
export async function readJournalAlone(
  program: Pick<DaemonProgram, "script">,
  home: Home,
  limit: number,
): Promise<JournalPage> {
  requireBelieved(home.journalFile, "anything");
  const printed = await runBeside(program, "journal.js", [home.journalFile, String(limit)]).catch((error) => {
    throw unreadable(error.message);
  });
  // Its schema is of no use to the clients that launch a daemon.
  const journal = await import("../model/journal.ts");
  return journal.JournalPage.parse(JSON.parse(printed));
}

/**
 * What the system lets Devlatch do, by a program beside the daemon's that tries it.
 * @throws Error with the program's words where it fails
 */
export async function readAbilities(program: Pick<DaemonProgram, "script">, home: Home): Promise<Abilities> {
  const printed = await runBeside(program, "abilities.js", [home.directory]);
  const abilities = await import("../model/abilities.ts");
  return abilities.Abilities.parse(JSON.parse(printed));
}

/** @returns what it printed @throws Error with its words on standard error */
function runBeside(
  program: Pick<DaemonProgram, "script">,
  name: string,
  args: readonly string[],
): Promise<string> {
  const options = {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
    timeout: besideTimeoutMs,
    maxBuffer: longestOutput,
    windowsHide: true,
  };
  const all = [join(dirname(program.script), name), ...args];
  return new Promise<string>((resolve, reject) => {
    execFile(process.execPath, all, options, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr.trim() || error.message));
      else resolve(stdout);
    });
  });
}

function unreadable(why: string): DevlatchError {
  return new DevlatchError("INTERNAL", `The journal can't be read: ${why}`, "Run: devlatch doctor");
}

function environmentOf(program: DaemonProgram, home: Home): NodeJS.ProcessEnv {
  return {
    ...daemonEnvironment(process.env, ownDirectory()),
    NODE_COMPILE_CACHE: home.cacheDirectory,
    ...program.env,
    DEVLATCH_HOME: home.directory,
    [daemonVariable]: "1",
    ELECTRON_RUN_AS_NODE: "1",
  };
}

/** Undefined where it has been removed meanwhile. */
function ownDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

async function readReport(child: ChildProcess, output: Readable, home: Home): Promise<"ready" | "running"> {
  const text = await new Promise<string>((resolve, reject) => {
    let received = "";
    child.once("error", reject);
    output.setEncoding("utf8");
    output.on("data", (chunk: string) => {
      received += chunk;
      if (received.includes("\n")) resolve(received);
    });
    output.on("close", () => resolve(received));
    output.on("error", reject);
  });
  return interpretReport(text, home);
}

function interpretReport(text: string, home: Home): "ready" | "running" {
  const report = parseReport(text);
  if (report?.kind === "ready" || report?.kind === "running") return report.kind;
  if (report?.kind === "failed" && isErrorCode(report.error.code)) throw fromErrorShape(report.error);
  throw new DevlatchError(
    "DAEMON_UNAVAILABLE",
    "The daemon ended before it was ready.",
    `Its last words are in ${home.logFile}.stderr and ${home.logFile}. Run: devlatch doctor`,
  );
}

function parseReport(text: string): DaemonReport | undefined {
  try {
    return JSON.parse(text.split("\n", 1)[0] ?? "") as DaemonReport;
  } catch {
    return undefined;
  }
}
