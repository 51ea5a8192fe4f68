import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import which from "which";
import { DevlatchError } from "../../shared/base/errors.ts";

/** What is to be run, and where. */
export interface ProgramRequest {
  /** Name or path of the program. */
  readonly name: string;
  readonly cwd: string;
  /** The environment whose `PATH` (on Windows also `PATHEXT`) is searched. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The file a shell would run. Looked up here because a pseudo-terminal reports a failed `exec` only as text on the
 * terminal and exit code 1.
 * @returns its absolute path
 * @throws DevlatchError `DIRECTORY_MISSING`, `COMMAND_NOT_FOUND`
 */
export function findProgram(request: ProgramRequest): string {
  checkDirectory(request.cwd);
  const files = filesOf(request);
  const pathExt = request.env["PATHEXT"] || undefined;
  for (const file of files) {
    const found = which.sync(file, { nothrow: true, ...(pathExt === undefined ? {} : { pathExt }) });
    if (found === null) continue;
    checkInterpreter(found);
    return found;
  }
  const unusable = files.find(isFile);
  throw unusable === undefined ? notFound(request) : notExecutable(unusable);
}

function checkDirectory(cwd: string): void {
  const remedy = "Check the path, or set `cwd` for the app in devlatch.json.";
  let isDirectory: boolean;
  try {
    isDirectory = statSync(cwd).isDirectory();
    accessSync(cwd, constants.X_OK);
  } catch (error) {
    const denied = error instanceof Error && "code" in error && error.code === "EACCES";
    const message = denied ? `The directory ${cwd} can't be entered.` : `The directory ${cwd} doesn't exist.`;
    throw new DevlatchError("DIRECTORY_MISSING", message, remedy, { cause: error });
  }
  if (!isDirectory) throw new DevlatchError("DIRECTORY_MISSING", `${cwd} is not a directory.`, remedy);
}

/**
 * Where it may be, on Windows but for the extension. Searched one by one: `which` would take relative directories, and
 * on Windows every bare name, from this process' own directory.
 */
function filesOf({ name, cwd, env }: ProgramRequest): readonly string[] {
  if (name === "") return [];
  const windows = process.platform === "win32";
  if (name.includes("/") || (windows && name.includes("\\"))) return [resolve(cwd, name)];
  // An empty entry of PATH is the current directory (POSIX).
  const path = env["PATH"] ?? (windows ? env["Path"] : undefined) ?? "";
  return path.split(delimiter).map((directory) => resolve(cwd, directory, name));
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A script whose interpreter is missing fails in `exec` just like a missing program. */
function checkInterpreter(script: string): void {
  const interpreter = /^#!\s*(\S+)/.exec(firstBytes(script))?.[1];
  if (interpreter === undefined || process.platform === "win32" || isFile(interpreter)) return;
  throw new DevlatchError(
    "COMMAND_NOT_FOUND",
    `${script} can't be run: its interpreter ${interpreter} doesn't exist.`,
    `Install ${interpreter}, or correct the script's first line.`,
  );
}

/** The start of the file, or nothing where it can't be read (an executable need not be readable). */
function firstBytes(path: string): string {
  const bytes = Buffer.alloc(256);
  try {
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}

function notFound({ name, cwd }: ProgramRequest): DevlatchError {
  if (/\s/.test(name)) return lineNotFound(name);
  return new DevlatchError(
    "COMMAND_NOT_FOUND",
    `The command ${JSON.stringify(name)} was not found, neither on PATH nor from ${cwd}.`,
    `${installRemedies.get(name) ?? "Install it (e.g. npm install)"}, or correct the app's \`command\` in devlatch.json.`,
  );
}

/** Programs that a project's own installation doesn't bring. */
const installRemedies: ReadonlyMap<string, string> = new Map(
  ["yarn", "pnpm", "bun", "deno"].map((name) => [name, `Install it: npm install --global ${name}`]),
);

/** A whole line that was quoted, as for a shell. */
function lineNotFound(line: string): DevlatchError {
  const shown = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  const quoted = `'${shown.replaceAll("'", "'\\''")}'`;
  const remedy = /[&|;<>$`()*\n]/.test(line)
    ? `Name the shell: sh -c ${quoted}`
    : `Leave out the quotes: ${shown}; or name a shell: sh -c ${quoted}`;
  return new DevlatchError(
    "COMMAND_NOT_FOUND",
    `No program is called ${JSON.stringify(shown)}: commands are run without a shell, word by word.`,
    remedy,
  );
}

function notExecutable(path: string): DevlatchError {
  return new DevlatchError("COMMAND_NOT_FOUND", `${path} is not executable.`, `Run: chmod +x ${path}`);
}
