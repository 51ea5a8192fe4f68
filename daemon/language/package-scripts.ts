import { dirname } from "node:path";
import { findNodeAtLocation, type Node } from "jsonc-parser";
import type { AppName } from "../../shared/model/app.ts";
import { isOneServer } from "../detect/candidates.ts";
import { readConfig } from "../detect/config-file.ts";
import { usualApps } from "../detect/describe.ts";
import { parseLoosely } from "../detect/json-file.ts";
import { locate, realDirectory } from "../detect/locate.ts";
import { type Package, packageOf, readPackage } from "../detect/package-json.ts";
import { packageManagerOf, scriptCommand } from "../detect/package-manager.ts";
import { Packages } from "../detect/packages.ts";
import { planApp } from "../detect/plan.ts";
import { Recogniser } from "../detect/recognise.ts";
import { principal, type RecognisedServer } from "../detect/servers.ts";
import type { OpenDocument } from "./documents.ts";

/** A script of a `package.json` that starts a dev server. */
export interface ServerScript {
  readonly script: string;
  /** The script's key in the file. */
  readonly key: Node;
  readonly app: AppName;
  /** Whether starting the app from this directory runs this very script, without saying so. */
  readonly isDefault: boolean;
  /** Program and arguments that run it. */
  readonly command: readonly string[];
  /** Absolute real path the command runs in. */
  readonly cwd: string;
  /** Absolute directory of the server it leads to. */
  readonly serverDirectory: string;
}

/** Where a server command leads to. */
export type FindServer = (command: readonly string[], cwd: string) => Promise<readonly RecognisedServer[]>;

export interface PackageScripts {
  readonly scripts: readonly ServerScript[];
  readonly findServers: FindServer;
}

/**
 * The dev servers among the scripts of an open `package.json`, as its text has them now. What starts servers of
 * several apps or packages at once (`turbo dev`) is none of them.
 * @param trustedFile see `trustedFileIn`
 */
export async function findServerScripts(
  document: OpenDocument,
  trustedFile?: string,
): Promise<PackageScripts> {
  const json = parseLoosely(document.file, document.text);
  const file = json && packageOf(json);
  if (json === undefined || file?.kind !== "package") return { scripts: [], findServers: async () => [] };
  const cwd = await realDirectory(dirname(document.file), "Save the file.");
  const here = { kind: "package", package: { ...file.package, directory: cwd } } as const;
  const read = async (one: string) => (one === cwd ? here : readPackage(one));
  const packages = await Packages.around(cwd, trustedFile, { read });
  const findServers: FindServer = (command, from) => new Recogniser(packages).servers(command, from);
  const manager = await packageManagerOf(packages, cwd);
  const defaults = await defaultApps(here.package, packages);
  const scripts: ServerScript[] = [];
  for (const { children: [key] = [] } of findNodeAtLocation(json.tree, ["scripts"])?.children ?? []) {
    const script = String(key?.value);
    const command = scriptCommand(manager, script);
    const servers = await findServers(command, cwd);
    const server = principal(servers);
    if (key === undefined || server === undefined || !isOneServer(servers)) continue;
    const apps = defaults.get(script);
    for (const app of apps ?? [server.app]) {
      const isDefault = apps !== undefined;
      scripts.push({ script, key, app, isDefault, command, cwd, serverDirectory: server.directory });
    }
  }
  return { scripts, findServers };
}

/** The apps that each script is run for when they are started from its package. */
async function defaultApps(
  { directory, scripts }: Package,
  packages: Packages,
): Promise<ReadonlyMap<string, readonly AppName[]>> {
  const { root } = await locate(directory, packages);
  const file = await readConfig(root, packages.believed);
  const config = file.kind === "config" ? file.config : undefined;
  const found = new Map<string, AppName[]>();
  const configured = [...(config?.apps.keys() ?? [])];
  for (const app of new Set([...configured, ...usualApps])) {
    // An app that isn't there, or can't be planned, is the servers view's matter.
    const plan = await planApp({ cwd: directory, app }, root, config, packages).catch(() => undefined);
    const script = plan?.script;
    if (plan?.cwd !== directory || script === undefined || !scripts.has(script)) continue;
    const known = found.get(script);
    // Where the configuration gives a script a name, the usual name would be a second one for it.
    if (known !== undefined && !configured.includes(app)) continue;
    found.set(script, [...new Set([...(known ?? []), plan.app])]);
  }
  return found;
}
