import { writeFile } from "node:fs/promises";
import { execa } from "execa";
import { type Manifest, manifestOf, type Place, pathsOf } from "./place.ts";

/** What is listed of a package, as CycloneDX has it. */
interface Component {
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: unknown;
  readonly hashes?: unknown;
}

/** All packages of the lockfile, by `name@version`. */
export type Components = ReadonlyMap<string, Component>;

/** @param root the directory of `package-lock.json` @throws Error with npm's words */
export async function readComponents(root: string): Promise<Components> {
  const args = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only", "--loglevel=error"];
  const { stdout } = await execa("npm", args, { cwd: root });
  const { components } = JSON.parse(stdout) as { components: readonly Component[] };
  return new Map(components.map((component) => [component["bom-ref"], component]));
}

/**
 * Writes what a package holds of others' as a bill of materials (CycloneDX 1.5), with the digests of the lockfile. It has
 * neither time nor serial number, so that the same sources make the same file.
 * @throws Error naming a package that the lockfile doesn't have
 */
export async function writeBill(
  file: string,
  known: Components,
  own: Manifest,
  places: readonly Place[],
): Promise<void> {
  const manifests = await Promise.all(places.flatMap(pathsOf).map(({ path }) => manifestOf(path)));
  const references = new Set(manifests.map(({ name, version }) => `${name}@${version}`));
  const components = [...references].sort().map((reference) => componentOf(known, reference));
  const { name, version, license } = own;
  const component = {
    "bom-ref": `${name}@${version}`,
    type: "application",
    ...{ name, version, purl: `pkg:npm/${name}@${version}` },
    licenses: [{ license: { id: license } }],
  };
  const head = { bomFormat: "CycloneDX", specVersion: "1.5", version: 1 };
  await writeFile(file, `${JSON.stringify({ ...head, metadata: { component }, components }, null, 1)}\n`);
}

function componentOf(known: Components, reference: string) {
  const found = known.get(reference);
  if (!found) throw new Error(`${reference} is part of the package, and package-lock.json doesn't have it.`);
  const { name, version, purl, hashes, licenses } = found;
  return { "bom-ref": reference, type: "library", name, version, purl, hashes, licenses };
}
