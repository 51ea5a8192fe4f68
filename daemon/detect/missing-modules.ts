import { join } from "node:path";
import { isThere } from "./package-files.ts";
import { packageManagerOf } from "./package-manager.ts";
import type { Packages } from "./packages.ts";

/** Dependencies that aren't installed. */
export interface MissingModules {
  /** Of the package, or of the workspace that it is part of. */
  readonly directory: string;
  /** What installs them there. */
  readonly install: string;
  /** Those that are missing, where others are there. */
  readonly names?: readonly string[];
}

/** How many dependencies are looked for. */
const mostNames = 300;

/**
 * The dependencies of the package around a directory that are in no `node_modules` there or above, nor in what stands
 * for it (Yarn's Plug'n'Play). Undefined where none is missing.
 * @param cwd absolute real path
 */
export async function missingModules(cwd: string, packages: Packages): Promise<MissingModules | undefined> {
  const above = await packages.files.ancestors(cwd);
  for (const directory of above) {
    const found = await packages.files.at(directory);
    if (found === undefined) continue;
    if (found.dependencies.size === 0) return undefined;
    if ((await all(above.map((one) => isThere(join(one, ".pnp.cjs"))))).includes(true)) return undefined;
    const places = await thoseThere(above.map((one) => join(one, "node_modules")));
    const wanted = [...found.installed].slice(0, mostNames);
    const names = places.length === 0 ? undefined : await absent(wanted, places);
    if (names?.length === 0) return undefined;
    const root = (await packages.workspaceOf(directory))?.root ?? directory;
    const install = await installCommand(packages, directory, root);
    return { directory: root, install, ...(names === undefined ? {} : { names }) };
  }
  return undefined;
}

/** npm changes a lockfile by `install`; the other package managers go by it. */
async function installCommand(packages: Packages, directory: string, root: string): Promise<string> {
  const manager = await packageManagerOf(packages, directory);
  const isLocked = manager === "npm" && (await packages.files.has(join(root, "package-lock.json")));
  return isLocked ? "npm ci" : `${manager} install`;
}

async function absent(names: readonly string[], places: readonly string[]): Promise<readonly string[]> {
  const found = await all(names.map(async (name) => thoseThere(places.map((place) => join(place, name)))));
  return names.filter((_, at) => found[at]?.length === 0);
}

async function thoseThere(paths: readonly string[]): Promise<readonly string[]> {
  const found = await all(paths.map(isThere));
  return paths.filter((_, at) => found[at]);
}

function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  return Promise.all(promises);
}
