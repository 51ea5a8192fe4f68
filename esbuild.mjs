import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import { lazyBuiltins } from "./.ci/bundles/lazy-builtins.ts";
import { lazyLibraries } from "./.ci/bundles/lazy-libraries.ts";
import { partsLater } from "./.ci/bundles/parts-later.ts";
import { leanValidator, requiredEditor } from "./.ci/bundles/replaced.ts";
import { fromLibraries, libraries, libraryFile, sharedLibraries } from "./.ci/bundles/shared-libraries.ts";
import { addons, copyAddons } from "./.ci/packages/addons.ts";
import { noteContents } from "./.ci/packages/contents.ts";
import { gathered } from "./.ci/packages/gathered.ts";
import { writeLicences } from "./.ci/packages/licences.ts";
import { ownTarget } from "./.ci/packages/targets.ts";
import { translatableTexts } from "./.ci/packages/texts.ts";
import { everydayFile, everydayVerbs } from "./daemon/cli/everyday-verbs.ts";
import { guardFile } from "./daemon/guard/one-file.ts";

// Builds everything a user installs into dist/: the extension (CommonJS, as the editor loads it), the daemon, the
// session host and the command line (ES modules for Node 22.13 and newer).
//   node esbuild.mjs            build
//   node esbuild.mjs --quiet    build, print nothing unless it fails
//   node esbuild.mjs --clean    build, and leave nothing of earlier builds
//   node esbuild.mjs --maps     build, with source maps beside the programs
// Packages are made of what is there then, by .ci/packages.

const quiet = process.argv.includes("--quiet");
const { version } = createRequire(import.meta.url)("./package.json");

const common = {
  bundle: true,
  metafile: true,
  platform: "node",
  // jsonc-parser's CommonJS build can't be bundled (UMD with dynamic requires); its ES module can.
  mainFields: ["module", "main"],
  target: "node22",
  legalComments: "none",
  loader: { ".lua": "text" },
  // The one without a reader of files: the editor has read them.
  alias: { "@vscode/l10n": "@vscode/l10n/dist/browser.js" },
  define: { __VERSION__: JSON.stringify(version), __SOURCES__: JSON.stringify(sourcesDigest()) },
  logLevel: quiet ? "warning" : "info",
};

const esm = {
  ...common,
  format: "esm",
  // Names are kept: the stack in a bug report must mean something. The rest of a source costs every process its memory.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: process.argv.includes("--maps") ? "external" : false,
  sourcesContent: false,
};

/** Tells builds apart: a client believes a daemon of the very same sources without checking what it says. */
function sourcesDigest() {
  const hash = createHash("sha256");
  const folders = ["shared", "daemon", "extension", ".ci/bundles"];
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*`, { withFileTypes: true }));
  const paths = files.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const path of [...paths.sort(), "package-lock.json", "esbuild.mjs"])
    hash.update(path).update(readFileSync(path));
  return hash.digest("hex").slice(0, 12);
}

/** Programs of Node, split into parts: what is loaded later is a file of its own. */
const programs = {
  ...esm,
  plugins: [requiredEditor, leanValidator, lazyBuiltins, lazyLibraries],
  outdir: "dist",
  splitting: true,
  chunkNames: "part-[name]-[hash]",
  external: ["@lydell/node-pty", "koffi", "vscode"],
};

await buildAll();

async function buildAll() {
  // Servers may run from here: files are replaced, not removed first. A package starts clean.
  if (process.argv.includes("--clean")) await rm("dist", { recursive: true, force: true });
  await mkdir("dist", { recursive: true });
  const built = await Promise.all([
    // Pages run in webviews: they have no Node, and are loaded when they are opened.
    build({
      ...common,
      minify: true,
      platform: "browser",
      target: "es2023",
      format: "iife",
      entryPoints: [
        { in: "extension/webview/page/dashboard.ts", out: "dashboard" },
        { in: "extension/webview/page/dashboard.css", out: "dashboard" },
        { in: "extension/webview/page/phone.ts", out: "phone" },
        { in: "extension/webview/page/phone.css", out: "phone" },
      ],
      outdir: "dist",
    }),
    // All programs in one go, and split: what several of them need is there once, a verb loads what it needs
    // alone, and the check of the Node version runs before anything that needs a newer one is even parsed.
    build({
      ...programs,
      plugins: [...programs.plugins, libraries],
      entryPoints: {
        extension: "extension/extension.ts",
        devlatch: "daemon/cli/main.ts",
        uninstalled: "daemon/cli/uninstalled.ts",
        daemon: "daemon/main.ts",
        database: "daemon/health/database/main.ts",
        journal: "daemon/journal/main.ts",
        abilities: "daemon/host/abilities/main.ts",
        "background-worker": "daemon/threads/background-worker.ts",
        ...Object.fromEntries(sharedLibraries.map((name) => [libraryFile(name), `library:${name}`])),
      },
    }),
    // A host runs for each server, so it shares no files of ours: what others need of one would be loaded with it.
    build({
      ...programs,
      plugins: [...programs.plugins, fromLibraries],
      entryPoints: { host: "daemon/host/main.ts" },
    }),
  ]);
  await writeFile("dist/package.json", '{ "type": "module" }\n');
  await chmod("dist/devlatch.js", 0o755);
  // Native addons travel beside the bundles, built for this machine.
  await copyAddons(ownTarget(), "node_modules", "dist/node_modules");
  const own = [await writeConfigSchema(), await writeVerbs(), await writeTexts()];
  const files = ["package.json", ...own, ...(await writePlugin())];
  const [pages, all, host] = built.map(({ metafile }) => metafile);
  const split = await gathered("dist", "extension.js", [all, host], esm);
  const metafiles = [pages, await withWhatIsCalledOften(split), host];
  const packages = await noteContents("dist", files, metafiles);
  await writeLicences("dist/LICENSES.txt", [{ packages: [...packages, ...addons], modules: "node_modules" }]);
}

/**
 * Makes one file of each that every command line and every call of a hook begins with, in the place of what would load it
 * from many, and one of the verbs of every day and of what answers a hook, which are beside the parts they were made of.
 * @param split what the split build made
 * @returns what is there now
 */
async function withWhatIsCalledOften(split) {
  const begun = ["cli/main", "cli/begin", "guard/main"].map((name) => `daemon/${name}.ts`);
  const files = Object.entries(split.outputs).filter(([, { entryPoint }]) => begun.includes(entryPoint));
  const verbs = everydayVerbs.map((name) => `daemon/cli/verbs/${name}.ts`);
  const ofGuard = ["guard/judge", "guard/live-servers", "detect/create-workspace", "detect/believed"];
  const together = new Set([
    ...[...verbs, "daemon/cli/arguments/parse.ts", "shared/client/daemon.ts"],
    ...ofGuard.map((name) => `daemon/${name}.ts`),
  ]);
  const { metafile } = await build({
    ...programs,
    plugins: [partsLater(split, together), ...programs.plugins],
    entryPoints: {
      ...Object.fromEntries(files.map(([path, { entryPoint }]) => [basename(path, ".js"), entryPoint])),
      [basename(everydayFile, ".js")]: "daemon/cli/everyday.ts",
      [basename(guardFile, ".js")]: "daemon/guard/answering.ts",
    },
    splitting: false,
  });
  return { inputs: split.inputs, outputs: { ...split.outputs, ...metafile.outputs } };
}

/** The schema editors offer completion and checks from. */
async function writeConfigSchema() {
  const file = "dist/.config-schema.mjs";
  await build({ ...esm, logLevel: "warning", entryPoints: ["shared/model/config.ts"], outfile: file });
  const { configJsonSchema } = await import(`./${file}`);
  await writeFile("dist/devlatch.schema.json", `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  await rm(file);
  return "devlatch.schema.json";
}

/** What the verbs take and say of themselves, read off their declarations: to know it none of them has to be loaded. */
async function writeVerbs() {
  const file = "dist/.verbs.mjs";
  const contents = `export { declaredBy } from "./daemon/cli/arguments/declared-by.ts";
export { verbs } from "./daemon/cli/verbs/all.ts";`;
  await build({
    ...programs,
    logLevel: "warning",
    outdir: undefined,
    splitting: false,
    stdin: { contents, resolveDir: "." },
    outfile: file,
  });
  const { declaredBy, verbs } = await import(`./${file}?${Date.now()}`);
  await writeFile("dist/verbs.json", JSON.stringify(await declaredBy(verbs)));
  await rm(file);
  return "verbs.json";
}

/** The extension's texts, for those who translate them: the editor looks for `bundle.l10n.LANGUAGE.json` beside them. */
async function writeTexts() {
  const file = "l10n/bundle.l10n.json";
  await mkdir("dist/l10n", { recursive: true });
  await writeFile(join("dist", file), `${JSON.stringify(translatableTexts("."), null, 2)}\n`);
  return file;
}

/** What agents install: the plugin, and the MCP server's entry for registries; from the declarations `init` writes, too. */
async function writePlugin() {
  const file = "dist/.plugin.mjs";
  await build({ ...esm, logLevel: "warning", entryPoints: ["daemon/cli/init/plugin.ts"], outfile: file });
  const { pluginFiles, serverJson } = await import(`./${file}?${Date.now()}`);
  const facts = JSON.parse(await readFile("package.json", "utf8"));
  await rm("dist/plugin", { recursive: true, force: true });
  const files = Object.entries(pluginFiles(facts));
  for (const [path, text] of files) {
    await mkdir(join("dist/plugin", dirname(path)), { recursive: true });
    await writeFile(join("dist/plugin", path), text);
  }
  await writeFile("dist/server.json", serverJson(facts));
  await rm(file);
  return ["server.json", ...files.map(([path]) => `plugin/${path}`)];
}
