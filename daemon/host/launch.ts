import { join } from "node:path";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { cookieVariable } from "../../shared/model/marks.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import { findProgram } from "../processes/find-program.ts";
import type { Processes } from "../processes/processes.ts";
import { terminateTree } from "../processes/terminate.ts";
import { type Runnable, runnable, shimSurroundings } from "../processes/windows/shims.ts";
import { ThreadWriter } from "../threads/writer.ts";
import { removeDescription, writeDescription } from "./description-file.ts";
import { Host } from "./host.ts";
import { hostAddress, makeHostKey } from "./host-key.ts";
import { logProblem } from "./host-log.ts";
import { withLeader } from "./leader.ts";
import { interrupt, openPipes } from "./piped-terminal.ts";
import { ensurePrivateDirectory } from "./private-directory.ts";
import type { HostSpec } from "./protocol.ts";
import { HostServer } from "./server.ts";
import { loadTerminals, openTerminal, type Terminal, type TerminalLibrary } from "./terminal.ts";

/** What a host needs of the rest of the world. */
export interface HostDependencies {
  readonly processes: Processes;
  /** Takes an operating-system lock on a file. @returns undefined when another process holds it */
  readonly holdExclusive: (file: string) => Disposable | undefined;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Whether what leaves the tree comes back to this process; see `subreaper.ts`. */
  readonly adoptsOrphans: boolean;
}

/** The thread of the session in this directory. */
export function threadFile(directory: string): string {
  return join(directory, "thread.db");
}

/**
 * Launches the command under a new host: checks it, takes the session's lock, records the intent, listens, spawns.
 * Whatever fails, nothing is left running and the lock is free.
 * @returns undefined when another host holds the session; nothing was spawned then
 * @throws DevlatchError `COMMAND_NOT_FOUND`, `DIRECTORY_MISSING`, `UNSAFE_PATH`, `HOST_FAILED`
 */
export async function launchHost(spec: HostSpec, dependencies: HostDependencies): Promise<Host | undefined> {
  const program = programOf(spec);
  const scope = new Scope();
  try {
    return await launchIn(scope, spec, program, dependencies);
  } catch (error) {
    scope.dispose();
    throw launchFailure(spec, error);
  }
}

/** What the command names, as it can be spawned. @throws DevlatchError `COMMAND_NOT_FOUND`, `DIRECTORY_MISSING` */
function programOf({ command: [name = "", ...args], cwd, env }: HostSpec): Runnable {
  const file = findProgram({ name, cwd, env });
  if (process.platform !== "win32") return { file, args };
  const findNode = () => findProgram({ name: "node", cwd, env });
  return runnable(file, args, shimSurroundings(env, findNode));
}

async function launchIn(
  scope: Scope,
  spec: HostSpec,
  program: Runnable,
  { processes, holdExclusive, clock, adoptsOrphans }: HostDependencies,
): Promise<Host | undefined> {
  const { directory, launchId, command } = spec;
  ensurePrivateDirectory(directory);
  const lock = holdExclusive(join(directory, "host.lock"));
  if (lock === undefined) return undefined;
  scope.add(lock);
  const [self, terminals] = await Promise.all([identifySelf(processes), terminalsOrPipes()]);
  removeDescription(directory);

  const thread = scope.add(
    ThreadWriter.open(threadFile(directory), { clock, onProblem: (text) => logProblem(text) }),
  );
  const key = makeHostKey(directory);
  const server = scope.add(await HostServer.listen(directory));
  const address = hostAddress(directory);
  const startedAt = clock();
  thread.beginLaunch({ launchId, host: self, command, startedAt });
  if (spec.note !== undefined) thread.event(spec.note);
  const terminal = spawn(terminals, spec, program, { thread, server, processes });
  try {
    // A leader that has ended already can't be identified any more. It is younger than this process and wasn't
    // followed by another one with its pid in the same tick: this start time finds its tree and no other.
    const leader = (await processes.identify(terminal.pid)) ?? {
      pid: terminal.pid,
      startTime: self.startTime,
    };
    const launched = { session: spec.session, launchId, fence: spec.fence, host: self, leader, startedAt };
    const description = terminal.kind === "pipes" ? { ...launched, terminal: terminal.kind } : launched;
    thread.recordLeader(leader);
    writeDescription(directory, description);
    return new Host({
      directory,
      key,
      address,
      description,
      thread,
      threadFile: threadFile(directory),
      server,
      terminal,
      environment: spec.env,
      processes,
      lock,
      adoptsOrphans,
      endsWithLeader: spec.endsWithLeader ?? false,
    });
  } catch (error) {
    // Below this host, for a process that was only just forked has neither its own start time here nor its environment.
    const leader = { pid: terminal.pid, startTime: self.startTime };
    await terminateTree(
      processes,
      { leader, cookie: launchId, host: self },
      { signal: "SIGKILL", timeoutMs: 0 },
    );
    thread.endLaunch(await terminal.ended, "ended, because the launch could not be recorded");
    throw error;
  }
}

function spawn(
  terminals: TerminalLibrary | "pipes",
  spec: HostSpec,
  program: Runnable,
  { thread, server, processes }: { thread: ThreadWriter; server: HostServer; processes: Processes },
): Terminal {
  const { cwd, columns, rows, launchId } = spec;
  const env = { ...spec.env, TERM: "xterm-256color", [cookieVariable]: launchId };
  try {
    // A run is over when its command is.
    const led = spec.endsWithLeader ? program : withLeader(program, env);
    const onOutput = (bytes: Buffer) => {
      if (!thread.append(bytes)) terminal.pause();
      server.output(bytes);
    };
    const command = { ...led, cwd, env, columns, rows };
    const terminal: Terminal =
      terminals === "pipes"
        ? openPipes(command, onOutput, (pid) => void interrupt(processes, pid).catch(logProblem))
        : openTerminal(terminals, command, onOutput);
    thread.onDrained(() => terminal.resume());
    return terminal;
  } catch (error) {
    thread.endLaunch({ code: null, signal: null }, `could not be spawned: ${describe(error)}`);
    throw error;
  }
}

/**
 * Older systems of Windows have no pseudo-terminals, what opens them is made for no musl (Alpine), and not every installation
 * has it.
 */
async function terminalsOrPipes(): Promise<TerminalLibrary | "pipes"> {
  return (await loadTerminals().catch(() => undefined)) ?? "pipes";
}

async function identifySelf(processes: Processes): Promise<ProcessIdentity> {
  const self = await processes.identify(process.pid);
  if (self) return self;
  throw new DevlatchError(
    "HOST_FAILED",
    "The session host can't read its own start time.",
    "Devlatch needs a readable /proc (Linux) or ps (macOS). Run: devlatch doctor",
  );
}

/** What is told of a launch that failed: what is said already, or what the machine lacks. */
export function launchFailure(spec: HostSpec, error: unknown): DevlatchError {
  if (error instanceof DevlatchError) return error;
  if (isTaken(error)) {
    return new DevlatchError(
      "HOST_FAILED",
      `${spokenSession(spec.session)} could not be started: another program has the pipe that its host listens at, ${error.address}.`,
      "Find it, for example with Process Explorer (Find Handle), and end it. Or set DEVLATCH_HOME to another directory: that gives pipes other names.",
      { cause: error },
    );
  }
  return new DevlatchError(
    "HOST_FAILED",
    `${spokenSession(spec.session)} could not be started: ${describe(error)}`,
    `Check free disk space, open files (ulimit -n), processes (ulimit -u), and that ${spec.directory} is writable.`,
    { cause: error },
  );
}

/** On Windows any program, also of another user, can take a pipe's name; a socket's file is removed before. */
function isTaken(error: unknown): error is Error & { readonly address: string } {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE" && "address" in error;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
