import { AppName, asAppName, type PackageManager } from "../../shared/model/app.ts";
import { shortCommand } from "../../shared/model/process-words.ts";
import { type AppSummary, isServer, type ScriptServer } from "../../shared/model/sandbox.ts";
import { isOneServer, webScripts } from "./candidates.ts";
import { pathName, spokenName } from "./members.ts";
import type { Package } from "./package-json.ts";
import { packageManagerOf, scriptCommand } from "./package-manager.ts";
import type { Packages } from "./packages.ts";
import { Recogniser } from "./recognise.ts";
import { principal, type RecognisedServer } from "./servers.ts";

/** As many packages as are looked into, and scripts of each. */
const mostPackages = 100;
const mostScripts = 30;

/**
 * The servers that are there only as a script of a package: of a package without an app the script by which it is usually
 * developed, of one with an app those that start something else.
 * @param root absolute real path of the sandbox's root
 * @param apps those that are there
 * @param taken names that `devlatch.json` has
 * @throws DevlatchError where the packages can't be read
 */
export async function scriptServers(
  root: string,
  apps: readonly AppSummary[],
  taken: ReadonlySet<string>,
  packages: Packages,
): Promise<readonly ScriptServer[]> {
  const family = (await packages.workspaceAt(root)) ?? (await packages.looseAt(root));
  const directories = [root, ...(family?.members ?? [])].slice(0, mostPackages);
  const recogniser = new Recogniser(packages);
  const found: ScriptServer[] = [];
  const isFree = (name: string) =>
    AppName.safeParse(name).success &&
    !taken.has(name) &&
    ![...apps, ...found].some(({ app }) => app === name);
  for (const owner of await packages.files.all(directories)) {
    const own = apps.filter((one) => isServer(one) && one.cwd === owner.directory);
    const frameworks = new Set(own.map(({ framework }) => framework));
    const servers = await serversIn(owner, frameworks, recogniser, packages);
    for (const { name, ...server } of servers) {
      const names = own.length > 0 ? [appOfScript(name)] : [spokenName(owner), pathName(owner, root)];
      const app = names.find(isFree);
      if (app !== undefined) found.push({ app, cwd: owner.directory, ...server });
    }
  }
  return found;
}

/** What the apps of a package are: ids of their frameworks, and the files that run without one. */
export interface OwnServers {
  readonly frameworks: ReadonlySet<string | undefined>;
  readonly files: ReadonlySet<string | undefined>;
}

/** @param frameworks of the package's apps @param manager its package manager */
export async function ownServers(
  { directory, scripts }: Package,
  frameworks: ReadonlySet<string | undefined>,
  manager: PackageManager,
  recogniser: Recogniser,
): Promise<OwnServers> {
  const usual = [...scripts.keys()].filter((name) => usualNames.test(name)).slice(0, mostScripts);
  const servers = await Promise.all(
    usual.map((name) => recogniser.servers(scriptCommand(manager, name), directory, true)),
  );
  return { frameworks, files: new Set(servers.flat().map(fileOf)) };
}

/**
 * Whether a script of a package with an app starts another server than that app: it has a name of its own, and another
 * framework or file.
 */
export function isAnotherServer(
  script: string,
  server: Pick<RecognisedServer, "framework" | "words">,
  { frameworks, files }: OwnServers,
): boolean {
  if (usualNames.test(script)) return false;
  const { framework } = server;
  if (framework !== undefined || !frameworks.has(undefined)) return !frameworks.has(framework?.id);
  return !files.has(fileOf(server));
}

/** The file of its own that a plain server runs. */
function fileOf({ words = [] }: Pick<RecognisedServer, "words">): string | undefined {
  return words.find((word) => /\.[cm]?[jt]sx?$/.test(word))?.replace(/^\.\//, "");
}

/** `dev:api` → `api` */
export function appOfScript(script: string): string {
  return asAppName(script.replace(/^(?:dev|start|serve|watch)[:-](?=.)/, ""));
}

/** They start the package's own app in one way or another. */
const usualNames =
  /^(?:dev|start|serve|develop|preview|watch|debug|prod|production)(?:[:-](?:dev|prod|production|debug|https|turbo|local))?$/;

/**
 * Whether a script runs a program again when its files change, as `node --watch server.js` does: whatever its name, that is a
 * server, or works like one. Test runners watch, too.
 */
export function runsWatched(text: string): boolean {
  const line = text.slice(0, longestLine);
  return watched.test(line) && !/\s--test\b|\b(?:vitest|jest|mocha|ava)\b/.test(line);
}

/** Longest part of a script that is looked at, in characters. */
const longestLine = 400;
const watched =
  /(?:^|\s)(?:node\s(?:\S+\s){0,8}?--watch\b|nodemon\s|tsx\s+watch\s|ts-node-dev\s|bun\s+--(?:hot|watch)\s)/;

/**
 * The servers among a package's scripts: where it has no app the one by which it is developed, else those that are others.
 * @param frameworks of its apps
 */
async function serversIn(
  owner: Package,
  frameworks: ReadonlySet<string | undefined>,
  recogniser: Recogniser,
  packages: Packages,
): Promise<readonly (Pick<ScriptServer, "command" | "script"> & { readonly name: string })[]> {
  const { directory, scripts } = owner;
  const usual = webScripts.filter((name) => scripts.has(name));
  const names = [...new Set([...usual, ...scripts.keys()])].slice(0, mostScripts);
  const manager = await packageManagerOf(packages, directory);
  const own = await ownServers(owner, frameworks, manager, recogniser);
  const found = [];
  for (const name of names) {
    const command = scriptCommand(manager, name);
    const servers = await recogniser.servers(command, directory, runsWatched(scripts.get(name) ?? ""));
    const server = principal(servers);
    if (server === undefined || !isOneServer(servers) || server.directory !== directory) continue;
    const one = { name, command: [...command], script: shortCommand(scripts.get(name) ?? "") };
    if (frameworks.size === 0) return [one];
    if (isAnotherServer(name, server, own)) found.push(one);
  }
  return found;
}
