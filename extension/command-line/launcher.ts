/** What runs the command line. */
export interface CommandLine {
  /** Absolute path of the runtime: Node, or the editor's own program that can be it. */
  readonly runtime: string;
  /** Whether the runtime is Node only where it is told so. */
  readonly isElectron: boolean;
  /** Absolute path of `devlatch.js`. */
  readonly script: string;
}

/** A file that a shell finds as `devlatch`. */
export interface Launcher {
  readonly name: string;
  readonly text: string;
}

/** The launcher of a system. @param platform as `process.platform` says */
export function launcherFor(platform: NodeJS.Platform, commandLine: CommandLine): Launcher {
  return platform === "win32"
    ? { name: "devlatch.cmd", text: batch(commandLine) }
    : { name: "devlatch", text: shell(commandLine) };
}

function shell({ runtime, isElectron, script }: CommandLine): string {
  const asNode = isElectron ? "ELECTRON_RUN_AS_NODE=1 " : "";
  return `#!/bin/sh\n${asNode}exec ${quoted(runtime)} ${quoted(script)} "$@"\n`;
}

/** For a POSIX shell: between single quotes everything stands for itself. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function batch({ runtime, isElectron, script }: CommandLine): string {
  const asNode = isElectron ? ["set ELECTRON_RUN_AS_NODE=1"] : [];
  const literal = (path: string) => `"${path.replaceAll("%", "%%")}"`;
  return ["@echo off", "setlocal", ...asNode, `${literal(runtime)} ${literal(script)} %*`, ""].join("\r\n");
}
