import { execa } from "execa";
import { formatMs } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";

export interface GitCall {
  /** Where git runs. */
  readonly cwd: string;
  /** Longest time it may take, in milliseconds; 30 s unless told. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Variables on top of the daemon's, e.g. a mark by which the process is found again. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Exit codes that are answers too. */
  readonly allowed?: readonly number[] | undefined;
  /** Written to its standard input. */
  readonly input?: string | undefined;
}

const defaultTimeoutMs = 30_000;
/** Time git gets to clean up when it is told to end, in milliseconds. */
const politeMs = 2_000;

/**
 * Nothing of the repository or the user starts programs or waits for a person: no hooks, no background maintenance, no
 * file system monitor, no signing, no prompts.
 */
const settings = {
  "core.hooksPath": process.platform === "win32" ? "NUL" : "/dev/null",
  "core.fsmonitor": "false",
  "gc.auto": "0",
  "maintenance.auto": "false",
  "commit.gpgSign": "false",
  "advice.detachedHead": "false",
};

/**
 * What git prints on its standard output, without the last line break.
 * @throws DevlatchError `GIT_FAILED` with what git said, also where git is missing or hangs; the signal's reason
 */
export async function git(args: readonly string[], call: GitCall): Promise<string> {
  call.signal?.throwIfAborted();
  const timeoutMs = call.timeoutMs ?? defaultTimeoutMs;
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = execa("git", [...flags, ...args], {
    cwd: call.cwd,
    reject: false,
    cleanup: false,
    // A group of its own: filters and transports that git starts have to end with it.
    detached: process.platform !== "win32",
    maxBuffer: 64 * 1024 * 1024,
    ...(call.input === undefined ? { stdin: "ignore" as const } : { input: call.input }),
    env: { ...environment(), ...call.env },
    extendEnv: false,
  });
  const limit = AbortSignal.timeout(timeoutMs);
  const result = await endedBy(child, call.signal ? AbortSignal.any([call.signal, limit]) : limit);
  call.signal?.throwIfAborted();
  if (result.exitCode !== undefined && [0, ...(call.allowed ?? [])].includes(result.exitCode)) {
    return result.stdout;
  }
  if (result.code === "ENOENT") throw notFound(call.cwd);
  const said = limit.aborted
    ? `it took longer than ${formatMs(timeoutMs)}`
    : (result.stderr || result.shortMessage || `it ended with code ${result.exitCode}`).trim();
  throw new DevlatchError(
    "GIT_FAILED",
    `git ${subcommand(args)} failed in ${call.cwd}: ${said.slice(-2_000)}`,
    "Correct what git says, then try again.",
    { data: { exitCode: result.exitCode ?? null } },
  );
}

/** What is looked at of a child's end. */
interface Ending {
  readonly exitCode?: number | undefined;
  readonly code?: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly shortMessage?: string | undefined;
}

interface Child {
  readonly pid?: number | undefined;
  kill(signal: NodeJS.Signals): boolean;
}

/**
 * What became of a child; one that is aborted is ended with everything it started, and waited for no longer than that
 * takes.
 */
async function endedBy(child: Child & PromiseLike<Ending>, abort: AbortSignal): Promise<Ending> {
  const over = Promise.withResolvers<Ending>();
  const timers: NodeJS.Timeout[] = [];
  const stop = () => {
    signalGroup(child, "SIGTERM");
    timers.push(setTimeout(() => signalGroup(child, "SIGKILL"), politeMs));
    timers.push(setTimeout(() => over.resolve({ stdout: "", stderr: "it can't be ended" }), 2 * politeMs));
  };
  abort.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([child, over.promise]);
  } finally {
    abort.removeEventListener("abort", stop);
    for (const timer of timers) clearTimeout(timer);
  }
}

/** The group exists as long as one of its members does, and its number isn't given to another process meanwhile. */
function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // No process is left.
  }
}

/** No prompts; and what a partial clone lacks isn't fetched: the repository's own configuration says by which program. */
const quiet = { GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1" };

/**
 * The user's environment, less what would point git at another repository (a daemon started from a git hook has it).
 */
function environment(): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith("GIT_"),
  );
  return { ...Object.fromEntries(inherited), LC_ALL: "C", GIT_EDITOR: "true", ...quiet };
}

function subcommand(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith("-")) ?? "";
}

function notFound(cwd: string): DevlatchError {
  return new DevlatchError(
    "GIT_FAILED",
    `git can't be run in ${cwd}: it isn't installed, isn't on the daemon's PATH, or the directory is gone.`,
    "Install git (https://git-scm.com), then restart the daemon with: devlatch daemon stop",
  );
}
