import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { basename, resolve } from "node:path";
import { gunzipSync } from "node:zlib";

// Reads a stack from a package: names the sources' files and lines.
//   node .ci/packages/where.ts devlatch-0.1.0.maps.gz < stack

type Payload = ConstructorParameters<typeof SourceMap>[0];

/** @param maps what was written beside the packages */
export function sourcesOf(stack: string, maps: Buffer): string {
  const payloads = JSON.parse(gunzipSync(maps).toString("utf8")) as Record<string, Payload>;
  const opened = new Map<string, SourceMap>();
  return stack.replaceAll(
    /([^\s()]+\.c?js):(\d+):(\d+)/g,
    (place, path: string, line: string, column: string) => {
      const name = basename(path);
      const payload = payloads[name];
      if (payload === undefined) return place;
      const map = opened.get(name) ?? new SourceMap(payload);
      opened.set(name, map);
      const found = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!("originalSource" in found)) return place;
      return `${found.originalSource}:${found.originalLine + 1}:${found.originalColumn + 1}`;
    },
  );
}

const [file] = process.argv.slice(2);
if (import.meta.main && file === undefined)
  console.error("Name the maps: node .ci/packages/where.ts FILE < stack");
else if (import.meta.main) console.log(sourcesOf(readFileSync(0, "utf8"), readFileSync(resolve(file ?? ""))));
