import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import type { Owner } from "../../support/owner.ts";
import { resultsVariable } from "./protocol.ts";

/** A tests module as VS Code loads it, and the file its results go to. */
export interface BundledSuite {
  /** Value of `extensionTestsPath`. */
  readonly module: string;
  readonly resultsFile: string;
}

/** Replaces places in the bundle by places in the suite's source: VS Code formats stacks itself, without the map. */
export function toSourcePlaces(text: string, module: string): string {
  const map = new SourceMap(JSON.parse(readFileSync(`${module}.map`, "utf8")));
  return text.replaceAll(
    new RegExp(`${module.replaceAll(".", "\\.")}:(\\d+):(\\d+)`, "g"),
    (place, line, column) => {
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!("originalSource" in entry)) return place;
      return `${resolve(dirname(module), entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    },
  );
}

/**
 * Bundles a suite written in TypeScript into one CommonJS file: the editor's runtime may not strip types, and the
 * suite needs a results file of its own even where several windows share one server's environment.
 */
export async function bundleSuite(entry: string, owner: Owner): Promise<BundledSuite> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-suite-"));
  owner.after(() => rmSync(directory, { recursive: true, force: true }));
  const module = join(directory, `${basename(entry, ".ts")}.cjs`);
  const resultsFile = join(directory, "results.json");
  await build({
    entryPoints: [entry],
    outfile: module,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node22",
    external: ["vscode"],
    sourcemap: true,
    logLevel: "warning",
    banner: { js: `process.env.${resultsVariable} = ${JSON.stringify(resultsFile)};` },
  });
  return { module, resultsFile };
}
