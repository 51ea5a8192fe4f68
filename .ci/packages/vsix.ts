import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import zlib from "node:zlib";
import { createVSIX } from "@vscode/vsce";
import { everydayFile } from "../../daemon/cli/everyday-verbs.ts";
import { guardFile } from "../../daemon/guard/one-file.ts";
import { addons, binariesOf, copyAddons, withAddons } from "./addons.ts";
import { type Built, copyBuilt } from "./contents.ts";
import { pageFor } from "./page.ts";
import { manifestOf } from "./place.ts";
import { inStage, unifyModes } from "./stage.ts";
import type { Target } from "./targets.ts";
import { translatable } from "./translatable.ts";

/** Of every file in a package, in seconds since the epoch: the time npm gives files. With it vsce sorts them, too. */
const fileTime = "499162500";

/** The extension's page; the repository's own is for who builds it. */
const pageFile = "extension/README.md";

const ownFiles = [".vscodeignore", "CHANGELOG.md", "LICENSE", "extension/media"];

/**
 * Makes the extension for one system from what was built. The same sources make the same bytes, on any day and machine.
 * @param where the package to write, and the address of the repository's files for the page's pictures, if they have one
 * @throws Error where an addon can't be had
 */
export async function makeVsix(
  built: Built,
  target: Target,
  where: { readonly file: string; readonly pictures: string | undefined },
): Promise<void> {
  const { root } = built;
  const { file, pictures } = where;
  await inStage(root, ownFiles, async (stage) => {
    await withAddons(root, target, async (modules) => {
      const natives = { packages: [...addons, ...binariesOf(target)], modules };
      await copyBuilt(built, stage, natives, [everydayFile, guardFile]);
      await copyAddons(target, modules, join(stage, "dist/node_modules"));
    });
    const page = await readFile(join(root, pageFile), "utf8");
    await writeFile(join(stage, "README.md"), pageFor(page, pictures));
    await writeManifest(root, stage);
    await unifyModes(stage);
    await pack(stage, target, file);
  });
}

/** Without what only developers of Devlatch and npm need, and with its texts apart, to be translated. */
async function writeManifest(root: string, stage: string): Promise<void> {
  const { devDependencies, optionalDependencies, ...manifest } = await manifestOf(root);
  const hook = "vscode:uninstall";
  const { [hook]: run } = manifest["scripts"] as Readonly<Record<string, string>>;
  const own = translatable({ ...manifest, scripts: { [hook]: run } });
  await writeFile(join(stage, "package.json"), `${JSON.stringify(own.manifest)}\n`);
  await writeFile(join(stage, "package.nls.json"), `${JSON.stringify(own.texts)}\n`);
}

async function pack(stage: string, { name }: Target, file: string): Promise<void> {
  process.env["SOURCE_DATE_EPOCH"] = fileTime;
  // A zip has local times.
  process.env["TZ"] = "UTC";
  await compressedBest(() =>
    createVSIX({
      cwd: stage,
      packagePath: file,
      dependencies: false,
      target: name,
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    }),
  );
}

/** vsce leaves it to Node how hard it packs. Native parts come out smallest with small tables (measured: 2 %). */
async function compressedBest(pack: () => Promise<unknown>): Promise<void> {
  const usual = zlib.DeflateRaw;
  class BestDeflateRaw extends usual {
    constructor(options?: zlib.ZlibOptions) {
      super({ level: zlib.constants.Z_BEST_COMPRESSION, memLevel: 6, ...options });
    }
  }
  zlib.DeflateRaw = BestDeflateRaw;
  try {
    await pack();
  } finally {
    zlib.DeflateRaw = usual;
  }
}
