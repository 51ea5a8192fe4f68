import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The built files that one names, to load them at once or later. @param code of a bundle, also a minified one */
export function partsIn(code: string): readonly string[] {
  return [...code.matchAll(/(?:\bfrom|\bimport\(?)\s*"\.\/([^"]+\.js)"/g)].map(([, name = ""]) => name);
}

/** What an extension's manifest and programs name and its directory hasn't, as paths below that or names of parts. */
export function missingIn(extension: string, programs: readonly string[]): readonly string[] {
  const manifest = readFileSync(join(extension, "package.json"), "utf8");
  const named = [...manifest.matchAll(/"(?:\.\/)?((?:dist|extension)\/[^"]+)"/g)].map(
    ([, path = ""]) => path,
  );
  const parts = programs.flatMap((file) => partsIn(readFileSync(join(extension, "dist", file), "utf8")));
  const wanted = [...named, ...parts.map((part) => `dist/${part}`)];
  return [...new Set(wanted)].filter((path) => !existsSync(join(extension, path)));
}
