import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Metafile } from "esbuild";
import { type Components, readComponents, writeBill } from "./bill.ts";
import { writeLicences } from "./licences.ts";
import { manifestOf, type Place } from "./place.ts";
import { shortened } from "./shorten.ts";

/** What a build made. */
interface Contents {
  /** Paths below `dist`; what earlier builds left there isn't among them. */
  readonly files: readonly string[];
  /** Those of the files that the editor alone loads. */
  readonly editorOnly: readonly string[];
  /** Packages that are part of the bundles, as paths below `node_modules`. */
  readonly packages: readonly string[];
}

const notes = ".contents.json";

/**
 * Notes in `dist`, for those who pack it, what a build put there and of which packages.
 * @param files what isn't bundled, as paths below `dist`
 * @param metafiles what was bundled, as esbuild tells
 * @returns the packages, as paths below `node_modules`
 */
export async function noteContents(
  dist: string,
  files: readonly string[],
  metafiles: readonly Metafile[],
): Promise<readonly string[]> {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const outputs = Object.assign({}, ...metafiles.map((metafile) => metafile.outputs)) as Metafile["outputs"];
  const bundles = Object.keys(outputs).filter((path) => !path.endsWith(".map"));
  const elsewhere = reached(outputs, (entry) => entry.startsWith("daemon/"));
  const below = (paths: readonly string[]) => paths.map((path) => path.slice("dist/".length));
  const packages = [...new Set(inputs.flatMap((file) => packageOf(file) ?? []))].sort();
  const contents: Contents = {
    files: [...below(bundles), ...files].sort(),
    editorOnly: below(bundles.filter((path) => !elsewhere.has(path))).sort(),
    packages,
  };
  await writeFile(join(dist, notes), JSON.stringify(contents));
  return packages;
}

/** The files that programs load, at once or later. @param isStart whether a program with this source is meant */
function reached(outputs: Metafile["outputs"], isStart: (entry: string) => boolean): ReadonlySet<string> {
  const found = new Set<string>();
  const left = Object.keys(outputs).filter((path) => isStart(outputs[path]?.entryPoint ?? ""));
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const { path: imported, external } of outputs[path]?.imports ?? []) {
      if (!external) left.push(imported);
      // What another build of ours makes.
      else if (imported.startsWith("./")) left.push(join(dirname(path), imported));
    }
  }
  return found;
}

function packageOf(file: string): string | undefined {
  return /(?:^|\/)node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
}

/** What was built, as packages get it: made once for all of them. */
export interface Built extends Contents {
  readonly root: string;
  /** What is in the packages' programs, by path below `dist`; all other files are as they are. */
  readonly programs: ReadonlyMap<string, string>;
  /** Source maps of those. */
  readonly maps: ReadonlyMap<string, string>;
  readonly components: Components;
}

/** @param root the repository @throws an error of the file system where nothing was built; Error with npm's words */
export async function readBuilt(root: string): Promise<Built> {
  const dist = join(root, "dist");
  const contents = JSON.parse(await readFile(join(dist, notes), "utf8")) as Contents;
  const programs = new Map<string, string>();
  const maps = new Map<string, string>();
  for (const file of contents.files.filter((path) => path.endsWith(".js"))) {
    const { code, map } = await shortened(join(dist, file));
    programs.set(file, code);
    maps.set(file, map);
  }
  return { ...contents, root, programs, maps, components: await readComponents(root) };
}

/**
 * Copies what was built, and adds what it holds of others': their licences, and a bill of materials.
 * @param stage where the package is put together
 * @param beside what isn't in the bundles but comes with them
 * @param without files that this package doesn't need
 */
export async function copyBuilt(
  built: Built,
  stage: string,
  beside: Place,
  without: readonly string[] = [],
): Promise<void> {
  const { root, files, packages, programs, components } = built;
  const dist = join(stage, "dist");
  for (const file of files.filter((path) => !without.includes(path))) {
    const code = programs.get(file);
    await mkdir(dirname(join(dist, file)), { recursive: true });
    if (code === undefined) await cp(join(root, "dist", file), join(dist, file));
    else await writeFile(join(dist, file), code);
  }
  const places = [{ packages, modules: join(root, "node_modules") }, beside];
  await writeLicences(join(dist, "LICENSES.txt"), places);
  await writeBill(join(dist, "sbom.cdx.json"), components, await manifestOf(root), places);
}
