import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createVSIX } from "@vscode/vsce";
import { addons, binariesOf, copyAddons, withAddons } from "./addons.ts";
import type { Components } from "./bill.ts";
import { copyBuilt } from "./contents.ts";
import { manifestOf } from "./place.ts";
import { inStage, unifyModes } from "./stage.ts";
import type { Target } from "./targets.ts";

/** Of every file in a package, in seconds since the epoch: the time npm gives files. With it vsce sorts them, too. */
const fileTime = "499162500";

const ownFiles = [".vscodeignore", "README.md", "CHANGELOG.md", "LICENSE", "docs", "extension/media"];

/**
 * Makes the extension for one system from what was built. The same sources make the same bytes, on any day and machine.
 * @param root the repository
 * @param file the package to write
 * @throws Error where nothing was built, or an addon can't be had
 */
export async function makeVsix(root: string, target: Target, known: Components, file: string): Promise<void> {
  await inStage(root, ownFiles, async (stage) => {
    await withAddons(root, target, async (modules) => {
      await copyBuilt(root, stage, known, { packages: [...addons, ...binariesOf(target)], modules });
      await copyAddons(target, modules, join(stage, "dist/node_modules"));
    });
    await writeManifest(root, stage);
    await unifyModes(stage);
    await pack(stage, target, file);
  });
}

/** Without what only developers of Devlatch and npm need. */
async function writeManifest(root: string, stage: string): Promise<void> {
  const { scripts, devDependencies, optionalDependencies, ...manifest } = await manifestOf(root);
  await writeFile(join(stage, "package.json"), `${JSON.stringify(manifest)}\n`);
}

async function pack(stage: string, { name }: Target, file: string): Promise<void> {
  process.env["SOURCE_DATE_EPOCH"] = fileTime;
  // A zip has local times.
  process.env["TZ"] = "UTC";
  await createVSIX({
    cwd: stage,
    packagePath: file,
    dependencies: false,
    target: name,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
}
