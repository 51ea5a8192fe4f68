import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Components, writeBill } from "./bill.ts";
import { writeLicences } from "./licences.ts";
import { manifestOf, type Place } from "./place.ts";

/** What a build made. */
interface Contents {
  /** Paths below `dist`; what earlier builds left there isn't among them. */
  readonly files: readonly string[];
  /** Packages that are part of the bundles, as paths below `node_modules`. */
  readonly packages: readonly string[];
}

const notes = ".contents.json";

/**
 * Notes in `dist`, for those who pack it, what a build put there and of which packages.
 * @param files paths below `dist`
 * @param inputs the files that were bundled, ours and others'
 */
export async function noteContents(
  dist: string,
  files: readonly string[],
  inputs: readonly string[],
): Promise<void> {
  const packages = [...new Set(inputs.flatMap((file) => packageOf(file) ?? []))].sort();
  const contents: Contents = { files: [...files].sort(), packages };
  await writeFile(join(dist, notes), JSON.stringify(contents));
}

function packageOf(file: string): string | undefined {
  return /(?:^|\/)node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
}

/**
 * Copies what the last build made, and adds what it holds of others': their licences, and a bill of materials.
 * @param root the repository, which was built
 * @param stage where the package is put together
 * @param beside what isn't in the bundles but comes with them
 * @throws an error of the file system where nothing was built
 */
export async function copyBuilt(
  root: string,
  stage: string,
  known: Components,
  beside: Place,
): Promise<void> {
  const { files, packages } = JSON.parse(await readFile(join(root, "dist", notes), "utf8")) as Contents;
  const dist = join(stage, "dist");
  for (const file of files) await cp(join(root, "dist", file), join(dist, file));
  const places = [{ packages, modules: join(root, "node_modules") }, beside];
  await writeLicences(join(dist, "LICENSES.txt"), places);
  await writeBill(join(dist, "sbom.cdx.json"), known, await manifestOf(root), places);
}
