import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";

// Builds everything a user installs into dist/: the extension (CommonJS, as the editor loads it), the daemon, the
// session host and the command line (ES modules for Node 22.13 and newer).
//   node esbuild.mjs            build
//   node esbuild.mjs --quiet    build, print nothing unless it fails
//   node esbuild.mjs --package  build and pack devlatch.vsix
//   node esbuild.mjs --pack     pack what was built

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
  define: { __VERSION__: JSON.stringify(version) },
  logLevel: quiet ? "warning" : "info",
};

// Bundled CommonJS libraries call require() for Node's own modules; an ES module has to make one.
const esm = {
  ...common,
  format: "esm",
  // Names are kept: the stack in a bug report must mean something. The rest of a source costs every process its memory.
  minifyWhitespace: true,
  minifySyntax: true,
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
};

const platform = `${process.platform}-${process.arch}`;
const packs = process.argv.includes("--package");
const packsOnly = process.argv.includes("--pack");
if (!packsOnly) await buildAll();
if (packs || packsOnly) await pack();

async function buildAll() {
  // Servers may run from here: files are replaced, not removed first. A package starts clean.
  if (packs) await rm("dist", { recursive: true, force: true });
  await mkdir("dist", { recursive: true });
  const built = await Promise.all([
    build({
      ...common,
      minify: true,
      format: "cjs",
      entryPoints: { extension: "extension/extension.ts" },
      outdir: "dist",
      outExtension: { ".js": ".cjs" },
      external: ["vscode"],
    }),
    // Split: what all of them need is there once, and what is seldom needed is loaded when it is.
    build({
      ...esm,
      entryPoints: {
        daemon: "daemon/main.ts",
        host: "daemon/host/main.ts",
        database: "daemon/health/database/main.ts",
        journal: "daemon/journal/main.ts",
        "background-worker": "daemon/threads/background-worker.ts",
      },
      outdir: "dist",
      splitting: true,
      chunkNames: "daemon-[name]-[hash]",
      external: ["@lydell/node-pty", "koffi"],
    }),
    // Split, so that the check of the Node version runs before anything that needs a newer one is even parsed.
    build({
      ...esm,
      entryPoints: { devlatch: "daemon/cli/main.ts" },
      outdir: "dist",
      splitting: true,
      chunkNames: "devlatch-[name]-[hash]",
    }),
  ]);
  await writeFile("dist/package.json", '{ "type": "module" }\n');
  await chmod("dist/devlatch.js", 0o755);
  const addons = ["@lydell/node-pty", `@lydell/node-pty-${platform}`];
  // Only Linux has subreapers and sock_diag.
  if (process.platform === "linux") addons.push("koffi", `@koromix/koffi-${platform}`);
  await copyAddon(...addons);
  await writeConfigSchema();
  await writeLicences([
    ...built.flatMap(({ metafile }) => Object.keys(metafile.inputs)).flatMap(packageOf),
    ...addons,
  ]);
}

/**
 * The pseudo-terminal and the way to the C library are native addons: they travel beside the bundle, built for this
 * platform.
 */
async function copyAddon(...names) {
  const modules = "node_modules";
  for (const name of names) {
    await cp(join(modules, name), join("dist", modules, name), { recursive: true, filter: isNeeded });
  }
}

/** The C++ an addon was built from, and its documentation, stay at home. */
function isNeeded(path) {
  return !/[/\\](?:doc|vendor)$|\.(?:cc|hh|inc|asm|S)$/.test(path);
}

/** The schema editors offer completion and checks from. */
async function writeConfigSchema() {
  const file = "dist/.config-schema.mjs";
  await build({ ...esm, logLevel: "warning", entryPoints: ["shared/model/config.ts"], outfile: file });
  const { configJsonSchema } = await import(`./${file}`);
  await writeFile("dist/devlatch.schema.json", `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  await rm(file);
}

/** The package a bundled file belongs to, as a path below node_modules. */
function packageOf(file) {
  return /(?:^|\/)node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [];
}

/** The licences of everything that is part of the bundles: they ask to be passed on. */
async function writeLicences(packages) {
  const texts = [...new Set(packages)].sort().map(licenceOf);
  const rule = `\n\n${"-".repeat(80)}\n\n`;
  await writeFile("dist/LICENSES.txt", `${(await Promise.all(texts)).join(rule)}\n`);
}

async function licenceOf(name) {
  const directory = join("node_modules", name);
  const { version, license, author } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const files = (await readdir(directory)).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), "utf8")));
  // Some packages only name theirs.
  const by = typeof author === "string" ? author : (author?.name ?? "");
  const words = texts.length > 0 ? texts.map((text) => text.trim()) : [`License: ${license}. ${by}`.trim()];
  return [`${name.split("node_modules/").at(-1)} ${version} (${license})`, ...words].join("\n\n");
}

async function pack() {
  const { createVSIX } = await import("@vscode/vsce");
  await createVSIX({
    packagePath: "devlatch.vsix",
    dependencies: false,
    target: platform,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
}
