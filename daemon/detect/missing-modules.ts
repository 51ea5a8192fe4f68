import { stat } from "node:fs/promises";
import { join } from "node:path";
import { packageManagerOf } from "./package-manager.ts";
import type { Packages } from "./packages.ts";

/** Dependencies that nobody has installed. */
export interface MissingModules {
  /** Of the package, or of the workspace that it is part of. */
  readonly directory: string;
  /** What installs them there. */
  readonly install: string;
}

/**
 * Whether the package around a directory has dependencies and there is no `node_modules` that they could be in, nor
 * what stands for it (Yarn's Plug'n'Play).
 * @param cwd absolute real path
 */
export async function missingModules(cwd: string, packages: Packages): Promise<MissingModules | undefined> {
  const above = await packages.ancestors(cwd);
  for (const directory of above) {
    const found = await packages.at(directory);
    if (found === undefined) continue;
    if (found.dependencies.size === 0) return undefined;
    const places = above.flatMap((one) => ["node_modules", ".pnp.cjs"].map((name) => join(one, name)));
    if ((await Promise.all(places.map(isThere))).includes(true)) return undefined;
    const workspace = await packages.workspaceOf(directory);
    const manager = await packageManagerOf(packages, directory);
    return { directory: workspace?.root ?? directory, install: `${manager} install` };
  }
  return undefined;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
