import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { runWithDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import { withoutEscapes } from "../../shared/base/plain-text.ts";

export interface DetachedLaunch {
  readonly file: string;
  readonly args: readonly string[];
  /** Written to its standard input, which is then closed. */
  readonly input: string;
  readonly cwd: string;
  /** Its complete environment. */
  readonly env: Readonly<Record<string, string>>;
  /** How long the first line may take, in milliseconds. */
  readonly readyTimeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Longest report, in characters; more without a line break is no report. */
const longestReport = 1024 * 1024;
/** How much of its standard error an error quotes. */
const tailLines = 20;

/**
 * Starts a process that outlives this one: in a session of its own, with no pipe to its parent once it has reported.
 * Its standard error is a file, deleted but still writable after the report. It should close its standard output
 * after the first line: the caller reads no further.
 * @returns its pid and the first line it wrote on its standard output
 * @throws DevlatchError `HOST_FAILED` with the end of its standard error, if it can't be started or ends without
 *   reporting; `DEADLINE` or the signal's reason, after that process was ended
 */
export async function launchDetached(launch: DetachedLaunch): Promise<{ pid: number; report: string }> {
  launch.signal?.throwIfAborted();
  const directory = await mkdtemp(join(tmpdir(), "devlatch-launch-"));
  const errorFile = join(directory, "stderr");
  try {
    return await launchWith(launch, errorFile);
  } catch (error) {
    throw hasCode(error) ? await withTail(error, errorFile) : error;
  } finally {
    // Windows refuses while the process holds the file; it lies in the temporary directory then.
    await rm(directory, { recursive: true, force: true }).catch(() => {});
  }
}

async function launchWith(
  launch: DetachedLaunch,
  errorFile: string,
): Promise<{ pid: number; report: string }> {
  const stderr = createWriteStream(errorFile, { flags: "a", mode: 0o600 });
  // Only an open stream has a descriptor, and only with one the child gets the file itself instead of a pipe.
  await once(stderr, "open");
  try {
    const child = execa(launch.file, launch.args, {
      cwd: launch.cwd,
      env: launch.env,
      extendEnv: false,
      detached: true,
      cleanup: false,
      buffer: false,
      reject: false,
      input: launch.input,
      stdout: "pipe",
      stderr: stderr,
    });
    try {
      const what = `Starting ${launch.file}`;
      const ended = child.then((result) => endedEarly(launch, result));
      const report = await runWithDeadline(
        launch.readyTimeoutMs,
        what,
        () =>
          Promise.race([firstLine(child.stdout, launch.file), ended.then((error) => Promise.reject(error))]),
        launch.signal,
      );
      if (child.pid === undefined) throw await ended;
      return { pid: child.pid, report };
    } catch (error) {
      // Still our own child and not reaped, so this reaches that process or none.
      child.kill("SIGKILL");
      throw error;
    } finally {
      child.stdin?.destroy();
      child.stdout.destroy();
      child.nodeChildProcess.unref();
    }
  } finally {
    stderr.destroy();
  }
}

/** The first line of the stream; never settles if the stream ends before, for then the exit tells why. */
function firstLine(stream: Readable, file: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  stream.setEncoding("utf8");
  stream.on("error", () => {});
  stream.on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\n");
    if (end !== -1) resolve(text.slice(0, end).replace(/\r$/, ""));
    else if (text.length > longestReport) reject(failure(`${file} wrote no line to report with.`));
  });
  return promise;
}

interface Ending {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
}

function endedEarly({ file, cwd }: DetachedLaunch, { exitCode, signal, code }: Ending): DevlatchError {
  if (code !== undefined) return failure(`${file} could not be started in ${cwd} (${code}).`);
  const how = signal === undefined ? `with code ${exitCode}` : `by ${signal}`;
  return failure(`${file} ended ${how} before it reported.`);
}

function failure(message: string): DevlatchError {
  return new DevlatchError("HOST_FAILED", message, "Run devlatch doctor; it checks the installation.");
}

async function withTail(error: unknown, errorFile: string): Promise<unknown> {
  if (!hasCode(error)) return error;
  const text = await readFile(errorFile, "utf8").catch(() => "");
  const logTail = withoutEscapes(text).trimEnd().split("\n").slice(-tailLines);
  if (logTail.every((line) => line.trim() === "")) return error;
  const { code, message, remedy, data } = error;
  const last = logTail.findLast((line) => line.trim() !== "")?.trim();
  const said = `${message} It wrote: ${last}`;
  return new DevlatchError(code, said, remedy, { data: { ...Object(data), logTail }, cause: error });
}
