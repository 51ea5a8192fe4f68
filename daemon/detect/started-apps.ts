import { readConfig } from "./config-file.ts";
import { names } from "./describe.ts";
import { locate } from "./locate.ts";
import { Packages } from "./packages.ts";
import { planApp } from "./plan.ts";
import { Recogniser } from "./recognise.ts";
import { principal, type RecognisedServer } from "./servers.ts";
import type { StartedApp } from "./workspace.ts";

/**
 * The apps whose servers a command line would start by itself; see `Workspace.startedBy`.
 * @param packages those around `cwd`
 */
export async function startedApps(
  line: string,
  cwd: string,
  packages: Packages,
  trustedFile: string | undefined,
): Promise<readonly StartedApp[]> {
  const servers = await new Recogniser(packages).servers([line], cwd);
  const own = servers.filter(({ shared }) => shared !== true);
  const found: StartedApp[] = [];
  for (const [directory, there] of Map.groupBy(own, (one) => one.directory)) {
    // What counts above a directory is believed as seen from there.
    const around = await Packages.around(directory, trustedFile);
    found.push(...(await appsOf(there, directory, around)));
  }
  return found;
}

async function appsOf(
  servers: readonly RecognisedServer[],
  cwd: string,
  packages: Packages,
): Promise<readonly StartedApp[]> {
  const { root, directory } = await locate(cwd, packages);
  const file = await readConfig(root, packages.believed);
  const config = file.kind === "config" ? file.config : undefined;
  const recogniser = new Recogniser(packages);
  const found = new Map<string, StartedApp>();
  for (const app of await names(cwd, root, config, packages)) {
    const plan = await planApp({ cwd, app }, root, config, packages).catch(() => undefined);
    if (plan === undefined || plan.external || plan.task) continue;
    const own = principal(await recogniser.servers(plan.command, plan.cwd, true));
    if (own && servers.some((one) => isSame(one, own)))
      found.set(plan.app, { app: plan.app, root, directory });
  }
  return [...found.values()];
}

/**
 * Whether two commands are one app's server. On which port and host it listens makes no other app of it; another
 * configuration, directory or mode does.
 */
function isSame(one: RecognisedServer, app: RecognisedServer): boolean {
  if (one.directory !== app.directory || one.framework?.id !== app.framework?.id) return false;
  if (one.framework === undefined)
    return (one.script !== undefined && one.script === app.script) || isSameWords(one, app);
  return isSameWords(one, app);
}

function isSameWords({ words: one = [] }: RecognisedServer, { words: app = [] }: RecognisedServer): boolean {
  const telling = (words: readonly string[], others: readonly string[]) =>
    words.slice(1).filter((word, index) => !others.includes(word) && tells(word, words[index] ?? ""));
  return one[0] === app[0] && telling(one, app).length === 0 && telling(app, one).length === 0;
}

const places = /^(?:-p|-P|-H|-h|-l|--port|--host|--hostname|--bind|--listen|--address|--web\.port)$/;

/** Whether a word of a server's says which app it is. */
function tells(word: string, before: string): boolean {
  if (/^(?:-c|--config|--root|--mode|-m|--project|--dir|--configuration)(?:=|$)/.test(word)) return true;
  return !word.startsWith("-") && !/^\d+$/.test(word) && !places.test(before);
}
