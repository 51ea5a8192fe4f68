import type { Package } from "./package-json.ts";
import type { Selection } from "./package-manager-command.ts";
import type { Packages } from "./packages.ts";

/** The packages a package manager would work in; undefined where there is no package to look into. */
export async function selectedPackages(
  packages: Packages,
  selection: Selection,
  base: string,
): Promise<readonly Package[] | undefined> {
  const own = await packages.files.nearest(base);
  if (own === undefined) return undefined;
  const workspace = await packages.workspaceOf(own.directory);
  if (selection.filters.length > 0) {
    if (workspace === undefined) return selection.filters.includes(own.name ?? "") ? [own] : [];
    const found = await Promise.all(selection.filters.map((one) => packages.select(workspace, one)));
    return [...new Set(found.flat())];
  }
  if (selection.every && workspace !== undefined) return packages.files.all(workspace.members);
  const root = selection.root && workspace !== undefined ? await packages.files.at(workspace.root) : own;
  return root === undefined ? [] : [root];
}
