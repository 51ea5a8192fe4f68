import { dirname } from "node:path";
import { findNodeAtLocation, type Node } from "jsonc-parser";
import { AppName } from "../../shared/model/app.ts";
import { isOneServer } from "../detect/candidates.ts";
import { readConfig } from "../detect/config-file.ts";
import { usualApps } from "../detect/describe.ts";
import { parseLoosely } from "../detect/json-file.ts";
import { locate, realDirectory } from "../detect/locate.ts";
import { pathName, spokenName } from "../detect/members.ts";
import { type Package, packageOf, readPackage } from "../detect/package-json.ts";
import { packageManagerOf, scriptCommand } from "../detect/package-manager.ts";
import { Packages } from "../detect/packages.ts";
import { planApp } from "../detect/plan.ts";
import { Recogniser } from "../detect/recognise.ts";
import { appOfScript, isAnotherServer, ownServers, runsWatched } from "../detect/script-servers.ts";
import { principal, type RecognisedServer } from "../detect/servers.ts";
import type { OpenDocument } from "./documents.ts";

/** A script of a `package.json` that starts a dev server. */
export interface ServerScript {
  readonly script: string;
  /** The script's key in the file. */
  readonly key: Node;
  readonly app: AppName;
  /**
   * `default`: starting the app from this directory runs this very script, without saying so; `other`: it is another way
   * to start an app of this package; `none`: it is of no app yet, and `app` is what one could be called.
   */
  readonly setUp: "default" | "other" | "none";
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
  const recogniser = new Recogniser(packages);
  const findServers: FindServer = (command, from) => recogniser.servers(command, from);
  const manager = await packageManagerOf(packages, cwd);
  const { root } = await locate(cwd, packages);
  const configured = await configuredApps(root, packages);
  const defaults = await defaultApps(here.package, root, configured, packages);
  const ofApps = await ownServers(here.package, defaults.frameworks, manager, recogniser);
  const scripts: ServerScript[] = [];
  for (const { children: [key] = [] } of findNodeAtLocation(json.tree, ["scripts"])?.children ?? []) {
    const script = String(key?.value);
    const command = scriptCommand(manager, script);
    const isWatched = runsWatched(here.package.scripts.get(script) ?? "");
    const servers = await recogniser.servers(command, cwd, isWatched);
    const server = principal(servers);
    if (key === undefined || server === undefined || !isOneServer(servers)) continue;
    const one = { script, key, command, cwd, serverDirectory: server.directory };
    const apps = defaults.scripts.get(script);
    const isAnother = isAnotherServer(script, server, ofApps);
    if (apps !== undefined) scripts.push(...apps.map((app) => ({ ...one, app, setUp: "default" as const })));
    else {
      const own = [...defaults.scripts.values()].flat();
      const named = appOfScript(script);
      const isFree = AppName.safeParse(named).success && !own.includes(named) && !configured?.apps.has(named);
      const other =
        own.length > 0 && isAnother && isFree
          ? ({ app: named, setUp: "none" } as const)
          : otherScript(server.app, here.package, root, own, configured);
      scripts.push({ ...one, ...other });
    }
  }
  return { scripts, findServers };
}

/** The app that a script is of which none is started with: one of its package's, else none yet. */
function otherScript(
  usual: AppName,
  owner: Package,
  root: string,
  own: readonly AppName[],
  configured: Configured,
): Pick<ServerScript, "app" | "setUp"> {
  const app = own.includes(usual) ? usual : own[0];
  if (app !== undefined) return { app, setUp: "other" };
  // The whole sandbox is this package: its usual app is asked for by that name, whether anything starts it or not.
  if (owner.directory === root && !configured?.apps.has(usual)) return { app: usual, setUp: "other" };
  const free = namesOf(owner, root).find((name) => !configured?.apps.has(name));
  return { app: free ?? usual, setUp: "none" };
}

type Configured = Awaited<ReturnType<typeof configuredApps>>;

async function configuredApps(root: string, packages: Packages) {
  const file = await readConfig(root, packages.files.believed);
  return file.kind === "config" ? file.config : undefined;
}

/** The names that an app of a package can go by beside the usual ones. */
function namesOf(owner: Package, root: string): readonly AppName[] {
  return [spokenName(owner), pathName(owner, root)].filter((name) => AppName.safeParse(name).success);
}

/** The apps that each script is run for when they are started from its package, and their frameworks. */
async function defaultApps(
  owner: Package,
  root: string,
  config: Configured,
  packages: Packages,
): Promise<{
  readonly scripts: ReadonlyMap<string, readonly AppName[]>;
  readonly frameworks: ReadonlySet<string | undefined>;
}> {
  const { directory, scripts } = owner;
  const found = new Map<string, AppName[]>();
  const frameworks = new Set<string | undefined>();
  const configured = [...(config?.apps.keys() ?? [])];
  for (const app of new Set([...configured, ...usualApps, ...namesOf(owner, root)])) {
    // An app that isn't there, or can't be planned, is the servers view's matter.
    const plan = await planApp({ cwd: directory, app }, root, config, packages).catch(() => undefined);
    const script = plan?.script;
    if (plan?.cwd !== directory || script === undefined || !scripts.has(script)) continue;
    frameworks.add(plan.framework);
    const known = found.get(script);
    // Where a script has a name already, the usual name or the package's would be a second one for it.
    if (known !== undefined && !configured.includes(app)) continue;
    found.set(script, [...new Set([...(known ?? []), plan.app])]);
  }
  return { scripts: found, frameworks };
}
