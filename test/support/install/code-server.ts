import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../paths.ts";
import { type CachedFolder, cachedFolder, isCached } from "./cached-folder.ts";
import { compilerPackages, needPackages } from "./debian.ts";
import { npm } from "./npm.ts";
import { MissingPrerequisite } from "./report.ts";

/** The npm package that contains the real VS Code 1.139.1 server, workbench and extension host. */
const version = "4.139.1";

const folder: CachedFolder = {
  name: `code-server-${version}`,
  what: `the VS Code server (code-server ${version} from npm, 620 MB; compiles native modules, takes some minutes)`,
  timeoutMs: 60 * 60_000,
  make: install,
};

/** Where VS Code's parts are. */
export interface CodeServer {
  /** Entry of code-server itself, the way a user runs it. */
  readonly userEntry: string;
  /** Entry of VS Code's inner server. */
  readonly serverEntry: string;
}

/** The installed server, after installing it and what compiling it needs if it isn't there. */
export async function needCodeServer(): Promise<CodeServer> {
  if (!isCached(folder)) await needPackages(compilerPackages);
  const root = join(await cachedFolder(folder), "node_modules/code-server");
  return {
    userEntry: join(root, "out/node/entry.js"),
    serverEntry: join(root, "lib/vscode/out/server-main.js"),
  };
}

async function install(directory: string): Promise<void> {
  const manifest = { private: true, dependencies: { "code-server": version } };
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const env = {
    npm_config_nodedir: await nodeHeaders(),
    // Its own post-install runs npm again in folders inside the package: only a setting in the environment reaches
    // those. npm versions that hold back install scripts would leave the native modules uncompiled.
    npm_config_dangerously_allow_all_scripts: "true",
  };
  await npm(["install"], { cwd: directory, timeoutMs: folder.timeoutMs, env });
  const entry = join(directory, "node_modules/code-server/lib/vscode/out/server-main.js");
  const compiled =
    "node_modules/code-server/lib/vscode/node_modules/@vscode/spdlog/build/Release/spdlog.node";
  const native = join(directory, compiled);
  for (const file of [entry, native]) {
    if (!existsSync(file)) throw new MissingPrerequisite(`npm installed code-server without ${file}.`);
  }
}

/**
 * Headers of the Node that runs this: compiling against them needs no download from nodejs.org. The npm package `node`
 * brings them, but puts them where a later `npm install` prunes them; then they come from the registry once more.
 */
async function nodeHeaders(): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const pinned = join(repository, "node_modules/node/node_modules", name);
  if (existsSync(join(pinned, "include/node/node_api.h"))) return pinned;
  const own = await cachedFolder({
    name: `${name}-${process.versions.node}`,
    what: `the headers of Node ${process.versions.node}`,
    timeoutMs: 5 * 60_000,
    make: (directory) => {
      writeFileSync(join(directory, "package.json"), '{ "private": true }\n');
      return npm(["install", `${name}@${process.versions.node}`], { cwd: directory, timeoutMs: 5 * 60_000 });
    },
  });
  return join(own, "node_modules", name);
}
