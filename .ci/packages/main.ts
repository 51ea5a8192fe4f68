import { mkdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readBuilt } from "./contents.ts";
import { makeNpmPackage } from "./npm.ts";
import { manifestOf } from "./place.ts";
import { packMaps } from "./shorten.ts";
import { ownTarget, type Target, targetsNamed } from "./targets.ts";
import { makeVsix } from "./vsix.ts";

// Packs what was built.
//   npm run package                                devlatch.vsix for this machine
//   npm run package -- --target all                a VSIX for every system, and the npm package
//   npm run package -- --target darwin-arm64,npm   some of them
//   … --out DIR                                    into another directory
//   … --pictures https://…                         the extension's page shows its pictures from there (the repository's files)

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: { target: { type: "string" }, out: { type: "string" }, pictures: { type: "string" } },
});
const out = resolve(values.out ?? root);
await mkdir(out, { recursive: true });
const wanted = (values.target ?? "").split(",").filter((name) => name !== "");
const names = wanted.filter((name) => name !== "npm");
const withNpm = wanted.includes("all") || wanted.includes("npm");
const built = await readBuilt(root);
const { name, version } = await manifestOf(root);

if (wanted.length === 0) await report(await vsix(ownTarget(), `${name}.vsix`));
for (const target of names.length > 0 ? targetsNamed(names.join(",")) : [])
  await report(await vsix(target, `${name}-${target.name}-${version}.vsix`));
await writeFile(join(out, `${name}-${version}.maps.gz`), packMaps(built.maps));
if (withNpm) await report(await makeNpmPackage(built, out));

async function vsix(target: Target, name: string): Promise<string> {
  const file = join(out, name);
  await makeVsix(built, target, { file, pictures: values.pictures });
  return file;
}

async function report(file: string): Promise<void> {
  console.log(`${file} (${((await stat(file)).size / 1024 / 1024).toFixed(2)} MB)`);
}
