import { stat } from "node:fs/promises";
import { readConfig } from "./config-file.ts";
import { names } from "./describe.ts";
import { locate } from "./locate.ts";
import { Packages } from "./packages.ts";
import { planApp } from "./plan.ts";
import { Recogniser } from "./recognise.ts";
import { resolveSafely } from "./scope.ts";
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
  // A program that isn't known is a server, too: it is an app's if that says the very same.
  const servers = await new Recogniser(packages).servers(asLine(line), cwd, true);
  const own = await Promise.all(servers.filter(({ shared }) => shared !== true).map(there));
  const found: StartedApp[] = [];
  for (const [directory, there] of Map.groupBy(own, (one) => one.directory)) {
    // What counts above a directory is believed as seen from there.
    const around = await Packages.around(directory, trustedFile);
    found.push(...(await appsOf(there, directory, around)));
  }
  return found;
}

/** One without blanks is a line, too. */
function asLine(line: string): readonly string[] {
  return [/\s/.test(line) ? line : `${line} `];
}

/** Where it serves that is told a directory: `next dev apps/web`. */
async function there(server: RecognisedServer): Promise<RecognisedServer> {
  if (server.framework === undefined) return server;
  const { words = [], directory } = server;
  for (const [index, word] of words.entries()) {
    const before = words[index - 1] ?? "";
    if (index === 0 || word.startsWith("-") || places.test(before)) continue;
    const inside = resolveSafely(directory, word);
    const found = await stat(inside).catch(() => undefined);
    if (found?.isDirectory()) return { ...server, directory: inside, words: words.toSpliced(index, 1) };
  }
  return server;
}

async function appsOf(
  servers: readonly RecognisedServer[],
  cwd: string,
  packages: Packages,
): Promise<readonly StartedApp[]> {
  const { root, directory } = await locate(cwd, packages);
  const file = await readConfig(root, packages.files.believed);
  const config = file.kind === "config" ? file.config : undefined;
  const recogniser = new Recogniser(packages);
  const found = new Map<string, StartedApp>();
  let left = servers;
  for (const app of await names(cwd, root, config, packages)) {
    if (left.length === 0) break;
    const plan = await planApp({ cwd, app }, root, config, packages).catch(() => undefined);
    if (plan === undefined || plan.external || plan.task) continue;
    const own = principal(await recogniser.servers(plan.command, plan.cwd, true));
    const others = left.filter((one) => !own || !isSame(one, own));
    if (others.length < left.length) found.set(plan.app, { app: plan.app, root, directory });
    left = others;
  }
  return [...found.values()];
}

/**
 * Whether two commands are one app's server. On which port and host it listens makes no other app of it. Another
 * configuration, directory or mode of a framework does; of other programs every word that is another.
 */
function isSame(one: RecognisedServer, app: RecognisedServer): boolean {
  if (one.directory !== app.directory || one.framework?.id !== app.framework?.id) return false;
  const isScript = one.framework === undefined && one.script !== undefined && one.script === app.script;
  return isScript || isSameWords(one, app);
}

function isSameWords({ words: one = [], framework }: RecognisedServer, app: RecognisedServer): boolean {
  const others = app.words ?? [];
  const telling = framework === undefined ? tellingWords : tellingOfFramework;
  return one[0] === others[0] && telling(one, others).length === 0 && telling(others, one).length === 0;
}

const places = /^(?:-p|-P|-H|-h|-l|--port|--host|--hostname|--bind|--listen|--address|--web\.port)$/;

/** `8001`, `0.0.0.0:8001`, `[::1]:8001` */
const address = /^(?:[\w.[\]:-]{0,80}:)?\d{1,5}$/;

/** Words that another command doesn't have, and that say more than where it listens, or how its file is run. */
function tellingWords(words: readonly string[], known: readonly string[]): readonly string[] {
  const file = words.findLastIndex(
    (word, index) => index > 0 && !word.startsWith("-") && known.includes(word),
  );
  return words.filter((word, index) => {
    if (index === 0 || known.includes(word) || (index < file && word.startsWith("-"))) return false;
    const isPlace = places.test(word.replace(/=.*/, "")) || places.test(words[index - 1] ?? "");
    return !isPlace && !address.test(word);
  });
}

/** Those of them that say which app of a framework it is. */
function tellingOfFramework(words: readonly string[], known: readonly string[]): readonly string[] {
  return tellingWords(words, known).filter((word) => !word.startsWith("-") || choosing.test(word));
}

const choosing = /^(?:-c|--config|--root|--mode|-m|--project|--dir|--configuration)(?:=|$)/;
