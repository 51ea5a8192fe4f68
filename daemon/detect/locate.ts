import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { DevlatchError } from "../../shared/base/errors.ts";
import { configFileName } from "../../shared/model/config-file-name.ts";
import { readConfig } from "./config-file.ts";
import { isCheckout } from "./package-files.ts";
import type { Packages } from "./packages.ts";
import type { SandboxPlace } from "./workspace.ts";

/**
 * The sandbox a directory belongs to; see `Workspace.locate`.
 * @param packages those around `cwd`
 */
export async function locate(cwd: string, packages: Packages): Promise<SandboxPlace> {
  const directory = await realDirectory(cwd, "Go to a directory that exists, or name one with --cwd.");
  for (const root of await packages.files.ancestors(directory)) {
    const config = await readConfig(root, packages.files.believed);
    if (config.kind === "missing") continue;
    const explicitId = config.kind === "config" ? config.config.sandbox : config.sandbox;
    const configFile = join(root, configFileName);
    return { root, directory, configFile, ...(explicitId === undefined ? {} : { explicitId }) };
  }
  return { root: await derivedRoot(directory, packages), directory };
}

async function derivedRoot(directory: string, packages: Packages): Promise<string> {
  const nearest = await packages.files.nearestDirectory(directory);
  if (nearest !== undefined) return (await packages.familyOf(nearest))?.root ?? nearest;
  if ((await packages.looseAt(directory)) !== undefined) return directory;
  const top = (await packages.files.ancestors(directory)).at(-1) ?? directory;
  const checkout = (await isCheckout(top)) && (await packages.files.believed.has(join(top, ".git")));
  return checkout ? top : directory;
}

/**
 * The real path of a directory.
 * @throws DevlatchError `DIRECTORY_MISSING`
 */
export async function realDirectory(directory: string, remedy: string): Promise<string> {
  const real = await realpath(directory).catch(() => undefined);
  if (real === undefined) {
    throw new DevlatchError("DIRECTORY_MISSING", `The directory ${directory} doesn't exist.`, remedy, {
      data: { directory },
    });
  }
  const found = await stat(real).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new DevlatchError("DIRECTORY_MISSING", `${directory} isn't a directory.`, remedy, {
      data: { directory },
    });
  }
  return real;
}
