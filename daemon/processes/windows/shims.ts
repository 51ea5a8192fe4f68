import { existsSync } from "node:fs";
import { win32 } from "node:path";
import { cmdLine } from "../../../shared/base/cmd-line.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { readRegularFileSync } from "../../../shared/base/regular-file.ts";

/** What is to be spawned. */
export interface Runnable {
  /** Absolute path of a program. */
  readonly file: string;
  readonly args: readonly string[];
  /** Whether the arguments are parts of a line that the program reads as it stands. */
  readonly verbatim?: boolean;
}

/** What a lookup needs to know of the surroundings. */
export interface ShimSurroundings {
  readonly env: Readonly<Record<string, string>>;
  /** The `node` of the environment's PATH. @throws where there is none */
  readonly findNode: () => string;
  /** The text of a small file; undefined where it can't be read. */
  readonly read: (path: string) => string | undefined;
  readonly exists: (path: string) => boolean;
}

/** Shims are some hundred bytes. */
const largestShim = 16 * 1024;

/** @param env of the command @param findNode the `node` of its PATH */
export function shimSurroundings(
  env: Readonly<Record<string, string>>,
  findNode: () => string,
): ShimSurroundings {
  return { env, findNode, read: readShim, exists: existsSync };
}

function readShim(path: string): string | undefined {
  try {
    const content = readRegularFileSync(path, largestShim);
    return content.kind === "bytes" ? Buffer.from(content.bytes).toString("utf8") : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A program that Windows can start, for a file that `PATHEXT` found. What package managers put there, a batch file that
 * calls node with a script, becomes just that: there is no `cmd` in between, which on Ctrl-C asks whether to end the batch
 * job, and no text that it could act on. Any other batch file is called with every word quoted.
 * @throws DevlatchError `COMMAND_NOT_FOUND` where an argument can't be handed to a batch file unchanged
 */
export function runnable(file: string, args: readonly string[], surroundings: ShimSurroundings): Runnable {
  if (/\.[cm]?js$/i.test(file)) return { file: surroundings.findNode(), args: [file, ...args] };
  if (!/\.(?:cmd|bat)$/i.test(file)) return { file, args };
  const script = scriptOf(file, surroundings);
  if (script !== undefined) return { file: nodeFor(file, surroundings), args: [script, ...args] };
  const line = cmdLine([file, ...args]);
  if (line === undefined) throw notUnchanged(file);
  const root = surroundings.env["SystemRoot"] ?? surroundings.env["SYSTEMROOT"] ?? "C:\\Windows";
  return {
    file: win32.join(root, "System32", "cmd.exe"),
    args: ["/d", "/s", "/c", line],
    verbatim: true,
  };
}

/** `"%_prog%"  "%dp0%\..\next\dist\bin\next" %*` of npm and yarn, `node  "%~dp0\…" %*` of pnpm and corepack. */
const shimCall = /(?:"%_prog%"|"%~dp0\\node\.exe"|\bnode(?:\.exe)?)\s+"%(?:~dp0|dp0%)\\?([^"%]+)"\s+%\*/i;
/** How npm.cmd and npx.cmd name their own script. */
const npmCall = /^\s*SET "NP[MX]_CLI_JS=%~dp0\\([^"%]+)"/im;

/** The script that a batch file hands its arguments to; undefined where it does anything else. */
function scriptOf(file: string, { env, read, exists }: ShimSurroundings): string | undefined {
  const text = read(file);
  // pnpm's may set NODE_PATH first, and what does not call node needs its own program.
  if (text === undefined || /NODE_PATH/i.test(text)) return undefined;
  const directory = win32.dirname(file);
  const npm = npmCall.exec(text)?.[1];
  if (npm !== undefined) {
    // An npm that was installed globally goes before the one that came with Node.
    const updated = env["APPDATA"] === undefined ? [] : [win32.join(env["APPDATA"], "npm", npm)];
    return [...updated, win32.join(directory, npm)].find((path) => exists(path));
  }
  if (/"%_prog%"/.test(text) && !/_prog=(?:%dp0%\\)?node(?:\.exe)?"/i.test(text)) return undefined;
  const target = shimCall.exec(text)?.[1];
  const path = target && win32.join(directory, target);
  return path !== undefined && path !== "" && exists(path) ? path : undefined;
}

/** A node beside the shim is meant for it. */
function nodeFor(file: string, { exists, findNode }: ShimSurroundings): string {
  const beside = win32.join(win32.dirname(file), "node.exe");
  return exists(beside) ? beside : findNode();
}

function notUnchanged(file: string): DevlatchError {
  return new DevlatchError(
    "COMMAND_NOT_FOUND",
    `${file} is a batch file, and cmd would change one of its arguments: it has a quote, a line break or %NAME%.`,
    "Name the program that it calls (e.g. node and its script), or put the arguments into a file.",
  );
}
