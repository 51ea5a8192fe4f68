import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Packages of one `node_modules`. */
export interface Place {
  /** As paths below it: `zod`, `vscode-languageserver/node_modules/vscode-jsonrpc`. */
  readonly packages: readonly string[];
  readonly modules: string;
}

/** What a manifest says of its package. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

export function pathsOf({ packages, modules }: Place): { readonly name: string; readonly path: string }[] {
  return packages.map((name) => ({ name, path: join(modules, name) }));
}

/** The manifest of the package in a directory. */
export async function manifestOf(directory: string): Promise<Manifest & Readonly<Record<string, unknown>>> {
  return JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
}
