import { join } from "node:path";
import { PackageManager } from "../../shared/model/app.ts";
import type { Packages } from "./packages.ts";

const lockFiles: readonly (readonly [string, PackageManager])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
];

/**
 * The package manager of a package: `packageManager` of it or of a package above it up to the workspace's root, else
 * the nearest lock file on that way, else pnpm where the workspace is pnpm's, else npm.
 */
export async function packageManagerOf(
  packages: Packages,
  packageDirectory: string,
): Promise<PackageManager> {
  const workspace = await packages.workspaceOf(packageDirectory);
  const above = await packages.files.ancestors(packageDirectory);
  const way = above.slice(0, above.indexOf(workspace?.root ?? packageDirectory) + 1);
  for (const directory of way) {
    const declared = PackageManager.safeParse(
      (await packages.files.at(directory))?.packageManager?.split("@")[0],
    );
    if (declared.success) return declared.data;
  }
  for (const directory of way) {
    const found = await Promise.all(lockFiles.map(([file]) => packages.files.has(join(directory, file))));
    const [, manager] = lockFiles[found.indexOf(true)] ?? [];
    if (manager !== undefined) return manager;
  }
  const pnpm =
    workspace !== undefined && (await packages.files.has(join(workspace.root, "pnpm-workspace.yaml")));
  return pnpm ? "pnpm" : "npm";
}

/** The command that runs a package script. */
export function scriptCommand(manager: PackageManager, script: string): readonly string[] {
  return [manager, "run", script];
}

/**
 * The command that runs an installed program of a package without a script. It never downloads one: a missing
 * dependency is an error, not a question in a terminal that isn't watched.
 */
export function programCommand(manager: PackageManager, argv: readonly string[]): readonly string[] {
  switch (manager) {
    case "npm":
      return ["npm", "exec", "--no", "--", ...argv];
    case "pnpm":
      return ["pnpm", "exec", ...argv];
    case "yarn":
      return ["yarn", "run", ...argv];
    case "bun":
      return ["bun", "x", "--no-install", ...argv];
  }
}
