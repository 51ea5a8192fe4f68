import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";

/** The programs as they are packed, and how to read their stacks. */
export interface Shortened {
  readonly code: string;
  /** A source map from the packed file to the sources where the build wrote maps, else to the built file. */
  readonly map: string;
}

/**
 * A program with short names for what only its own file sees: a fifth of a package. What was built keeps its names, so
 * that stacks can be read where Devlatch is developed; those of a package are read with its maps.
 */
export async function shortened(file: string): Promise<Shortened> {
  const built = await readFile(file, "utf8");
  const { code, map } = await transform(`${built}${await inlineMap(`${file}.map`)}`, {
    minify: true,
    format: "esm",
    target: "node22",
    charset: "utf8",
    legalComments: "none",
    sourcemap: "external",
    sourcesContent: false,
    sourcefile: basename(file),
  });
  return { code, map };
}

/** A built file's map, as a comment that esbuild reads; nothing where the build wrote none. @param file the map's */
export async function inlineMap(file: string): Promise<string> {
  if (!existsSync(file)) return "";
  const map = Buffer.from(await readFile(file)).toString("base64");
  return `//# sourceMappingURL=data:application/json;base64,${map}\n`;
}

/** All maps of a package in one compressed file, by the packed file's name. */
export function packMaps(maps: ReadonlyMap<string, string>): Buffer {
  const sorted = [...maps].sort(([one], [other]) => (one < other ? -1 : 1));
  return gzipSync(JSON.stringify(Object.fromEntries(sorted.map(([file, map]) => [file, JSON.parse(map)]))));
}
