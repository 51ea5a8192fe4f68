import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, sep } from "node:path";
import { requireBelieved } from "../../../shared/base/believed-path.ts";
import { type ClientName, clientNames } from "./client-names.ts";
import { clients, type Scope } from "./clients.ts";
import type { Reach } from "./program.ts";

/**
 * The repository a directory is in: the nearest one above with a `.git`, else the directory itself. A home directory that is
 * a repository is none of its projects'.
 * @param home the user's home directory
 * @returns its real path
 */
export function repositoryOf(cwd: string, home: string): string {
  const start = realpathSync(cwd);
  const last = realOr(home);
  for (let at = start; at !== dirname(at) && at !== last; at = dirname(at)) {
    if (!existsSync(join(at, ".git"))) continue;
    // Others may have put it above the caller's directory.
    requireBelieved(join(at, ".git"), "anything");
    return at;
  }
  return start;
}

/** The real path of what is there; of what isn't, the path itself. */
export function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The agents that a repository or a person shows traces of. */
export function foundClients(base: string, home: string, scope: Scope): readonly ClientName[] {
  return clientNames.filter((name) => {
    const { traces, homes } = clients[name];
    const isHere = scope === "project" && traces.some((path) => existsSync(join(base, path)));
    return isHere || homes.some((path) => existsSync(join(home, path)));
  });
}

/**
 * How agents get at Devlatch here.
 * @param searched the value of `PATH`
 */
export function reachOf(base: string, scope: Scope, searched = ""): Reach {
  if (searched.split(delimiter).some(hasProgram)) return "path";
  const isDependency = scope === "project" && existsSync(join(base, "node_modules", ".bin", "devlatch"));
  return isDependency ? "dependency" : "registry";
}

/** `npm` and `npx` put directories on the path that are there for one command only. */
function hasProgram(directory: string): boolean {
  if (!isAbsolute(directory) || directory.includes(`node_modules${sep}.bin`)) return false;
  const names = process.platform === "win32" ? ["devlatch.cmd", "devlatch.exe"] : ["devlatch"];
  return names.some((name) => isExecutable(join(directory, name)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
