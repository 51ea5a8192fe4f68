import { join } from "node:path";
import { findNodeAtLocation, getNodeValue, type Node } from "jsonc-parser";
import { readJsonFile } from "./json-file.ts";
import { parsePort } from "./port-flags.ts";
import { type PortOwner, readScriptPort, type ScriptPort } from "./script-port.ts";
import { readTextFile } from "./text-file.ts";
import type { ToldPlaces } from "./told-places.ts";

/** A port in a framework's configuration. */
export interface ConfigPort extends ScriptPort {
  /** The file; absolute. */
  readonly file: string;
}

/** Reads the port that one file says, of the project it is told; undefined where it says none. */
type Reader = (file: string, project: string | undefined) => Promise<ScriptPort | undefined>;

/** Where a framework's configuration may be, in the order it looks, and how the port is read there. */
interface ConfigFiles {
  readonly files: readonly string[];
  readonly read: Reader;
}

/** @param owners the first one that has a port counts */
const scripts = (name: string, ...owners: readonly PortOwner[]): ConfigFiles => ({
  files: ["js", "mjs", "ts", "cjs", "mts", "cts"].map((extension) => `${name}.${extension}`),
  read: async (file) => {
    const found = await readTextFile(file);
    if (found.kind !== "text") return undefined;
    return owners.map((owner) => readScriptPort(found.text, owner)).find((port) => port !== undefined);
  },
});

const server: PortOwner = { key: "server" };
const devServer: PortOwner = { key: "devServer" };
const vite = scripts("vite.config", server);

const configurations: Readonly<Record<string, ConfigFiles>> = {
  vite,
  sveltekit: vite,
  "react-router": vite,
  remix: vite,
  vitepress: scripts(".vitepress/config", { key: "server", within: "vite" }),
  "electron-vite": scripts("electron.vite.config", { key: "server", within: "renderer" }),
  nuxt: scripts("nuxt.config", devServer, server),
  astro: scripts("astro.config", server),
  rsbuild: scripts("rsbuild.config", server),
  webpack: scripts("webpack.config", devServer),
  rspack: scripts("rspack.config", devServer),
  "react-native": scripts("metro.config", server),
  "vue-cli": scripts("vue.config", devServer),
  angular: { files: ["angular.json"], read: readAngular },
  wrangler: { files: ["wrangler.json", "wrangler.jsonc", "wrangler.toml"], read: readWrangler },
};

/**
 * The port that a framework's configuration says in plain sight. The file is read and not executed.
 * @param told where it is, and which of several projects is meant
 * @param believes whether a file may be read
 */
export async function readConfigPort(
  framework: string,
  told: ToldPlaces,
  believes: (file: string) => Promise<boolean>,
): Promise<ConfigPort | undefined> {
  const found = Object.hasOwn(configurations, framework) ? configurations[framework] : undefined;
  const { directory, configs, project } = told;
  const usual = (found?.files ?? []).map((file) => join(directory, file));
  for (const file of configs.length > 0 ? configs.toReversed() : usual) {
    if (!(await believes(file))) continue;
    const port = await found?.read(file, project);
    if (port !== undefined) return { ...port, file };
  }
  return undefined;
}

/** `projects.NAME.architect.serve.options.port`, of the project that is meant, or of the only one that has a port. */
async function readAngular(file: string, project: string | undefined): Promise<ScriptPort | undefined> {
  const tree = await treeOf(file);
  const projects = tree && findNodeAtLocation(tree, ["projects"]);
  const meant = (projects?.children ?? []).filter(
    ({ children: [name] = [] }) => project === undefined || name?.value === project,
  );
  const ports = meant.flatMap(({ children: [, one] = [] }) =>
    ["architect", "targets"].map((key) => numberAt(one, [key, "serve", "options", "port"])),
  );
  const [only, ...others] = ports.filter((port) => port !== undefined);
  return only === undefined || others.length > 0 ? undefined : { port: only };
}

async function readWrangler(file: string): Promise<ScriptPort | undefined> {
  const port = file.endsWith(".toml")
    ? tomlPort(await readTextFile(file))
    : numberAt(await treeOf(file), ["dev", "port"]);
  return port === undefined ? undefined : { port };
}

async function treeOf(file: string): Promise<Node | undefined> {
  const json = await readJsonFile(file, { comments: true });
  return json.kind === "json" ? json.document.tree : undefined;
}

function numberAt(tree: Node | undefined, path: readonly string[]): number | undefined {
  const node = tree && findNodeAtLocation(tree, [...path]);
  const value: unknown = node && getNodeValue(node);
  return typeof value === "number" ? parsePort(String(value)) : undefined;
}

/** `port = 8788` in the table `[dev]`, or `dev.port = 8788` before any table. */
function tomlPort(found: Awaited<ReturnType<typeof readTextFile>>): number | undefined {
  let table = "";
  for (const line of found.kind === "text" ? found.text.split("\n") : []) {
    table = /^\s*\[+\s*([\w.-]+)/.exec(line)?.[1] ?? table;
    const value = /^\s*(dev\.)?port\s*=\s*(\d{1,5})\b/.exec(line);
    if (value !== null && (value[1] === undefined ? table === "dev" : table === ""))
      return parsePort(value[2]);
  }
  return undefined;
}
