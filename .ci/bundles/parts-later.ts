import { basename, relative } from "node:path";
import type { Metafile, Plugin } from "esbuild";

/**
 * For a program that comes in one file what a split build has in many: what it imports later it takes from the parts of that
 * build, where they have modules of their own.
 * @param metafile of the split build
 * @param together sources that it has in itself, although they are imported later: they are run then
 */
export function partsLater(metafile: Metafile, together: ReadonlySet<string>): Plugin {
  const parts = new Map(
    Object.entries(metafile.outputs).flatMap(([path, { entryPoint }]) =>
      entryPoint === undefined ? [] : [[entryPoint, basename(path)] as const],
    ),
  );
  return {
    name: "parts-later",
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (kind !== "dynamic-import" || pluginData === parts) return undefined;
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: parts });
        const source = relative(process.cwd(), found.path);
        if (found.namespace !== "file" || together.has(source)) return undefined;
        const part = parts.get(source);
        return part === undefined
          ? { errors: [{ text: `No part was built of ${source}.` }] }
          : { path: `./${part}`, external: true };
      });
    },
  };
}
