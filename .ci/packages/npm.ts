import { join } from "node:path";
import { execa } from "execa";
import { addons } from "./addons.ts";
import { type Built, copyBuilt } from "./contents.ts";
import { inStage, unifyModes } from "./stage.ts";

const ownFiles = [".npmignore", "package.json", "README.md", "CHANGELOG.md", "LICENSE"];

/**
 * Makes the package for npm from what was built. It holds no addon: npm fetches those of the system it installs it on,
 * by the package's optional dependencies.
 * @param out the directory to write it into
 * @returns its path
 * @throws Error with npm's words
 */
export async function makeNpmPackage(built: Built, out: string): Promise<string> {
  const { root } = built;
  return inStage(root, ownFiles, async (stage) => {
    await copyForNpm(built, stage);
    const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", out];
    const { stdout } = await execa("npm", args, { cwd: stage });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    return join(out, filename);
  });
}

/** Puts what was built, but for what the editor alone loads, into a stage. */
export async function copyForNpm(built: Built, stage: string): Promise<void> {
  const beside = { packages: addons, modules: join(built.root, "node_modules") };
  await copyBuilt(built, stage, beside, built.editorOnly);
  await unifyModes(stage);
}
