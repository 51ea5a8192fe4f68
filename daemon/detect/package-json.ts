import { dirname, join } from "node:path";
import * as z from "zod";
import type { DevlatchError } from "../../shared/base/errors.ts";
import { type JsonDocument, readJsonFile } from "./json-file.ts";
import { invalidAt, placeAt } from "./problem.ts";

/** A package of the workspace, as far as detection needs it. */
export interface Package {
  /** Absolute path. */
  readonly directory: string;
  readonly file: string;
  readonly name: string | undefined;
  /** Files of the programs that its installation brings, as written. */
  readonly bin: readonly string[];
  /** In the order of the file. */
  readonly scripts: ReadonlyMap<string, string>;
  /** What `config` has of numbers and text; package managers export it as `npm_package_config_*`. */
  readonly config: ReadonlyMap<string, string>;
  /** Names of all dependencies, development ones included. */
  readonly dependencies: ReadonlySet<string>;
  /** Names of those that an installation always brings: no optional ones, none of a peer's. */
  readonly installed: ReadonlySet<string>;
  /** Globs of `workspaces`. */
  readonly workspaces: readonly string[];
  /** `packageManager`, e.g. `pnpm@10.2.0`; else the name in `devEngines`. */
  readonly packageManager: string | undefined;
}

export type PackageFile =
  | { readonly kind: "package"; readonly package: Package }
  | { readonly kind: "missing" }
  | { readonly kind: "invalid"; readonly problem: DevlatchError };

/** Only what is looked at; a field of another type than npm's own counts as absent, as for npm. */
const Manifest = z.object({
  name: z.string().optional().catch(undefined),
  bin: z
    .union([z.string().transform((one) => [one]), z.record(z.string(), z.string()).transform(Object.values)])
    .catch([])
    .default([]),
  scripts: z.record(z.string(), z.unknown()).catch({}).default({}),
  config: z.record(z.string(), z.unknown()).catch({}).default({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
  optionalDependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
  peerDependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
  workspaces: z
    .union([
      z.array(z.string()),
      z.object({ packages: z.array(z.string()) }).transform((one) => one.packages),
    ])
    .catch([])
    .default([]),
  packageManager: z.string().optional().catch(undefined),
  devEngines: z
    .object({ packageManager: z.object({ name: z.string() }) })
    .optional()
    .catch(undefined),
});

/** Reads the `package.json` of a directory. Never rejects. */
export async function readPackage(directory: string): Promise<PackageFile> {
  const json = await readJsonFile(join(directory, "package.json"), { comments: false });
  if (json.kind !== "json") return json;
  return packageOf(json.document);
}

/** The package that a document describes. */
export function packageOf(document: JsonDocument): PackageFile {
  const { file, text, tree, value } = document;
  const parsed = Manifest.safeParse(value);
  if (!parsed.success) {
    const place = placeAt(file, text, tree.offset);
    const problem = invalidAt(place, "a package.json holds one object", "Correct the file there.");
    return { kind: "invalid", problem };
  }
  const { name, bin, scripts, config, workspaces, packageManager, devEngines, ...groups } = parsed.data;
  const dependencies = Object.values(groups).flatMap((group) => Object.keys(group));
  return {
    kind: "package",
    package: {
      directory: dirname(file),
      file,
      name,
      bin,
      scripts: new Map(
        Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      ),
      config: new Map(
        Object.entries(config).flatMap(([key, value]) =>
          typeof value === "string" || typeof value === "number" ? [[key, String(value)] as const] : [],
        ),
      ),
      dependencies: new Set(dependencies),
      installed: new Set(Object.keys({ ...groups.dependencies, ...groups.devDependencies })),
      workspaces,
      packageManager: packageManager ?? devEngines?.packageManager.name,
    },
  };
}
