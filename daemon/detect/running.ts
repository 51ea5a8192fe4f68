import { resolve } from "node:path";
import { isWithin } from "../../shared/base/within.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import { entryFile, isSameEntry } from "./entry-file.ts";
import { type Framework, frameworkOfProgram } from "./frameworks.ts";
import type { Packages } from "./packages.ts";
import { isRuntime, programName, readRuntime } from "./programs.ts";
import { Recogniser } from "./recognise.ts";
import { principal, type RecognisedServer } from "./servers.ts";
import { shellFileServers } from "./shell-file.ts";
import type { Kinship, RunningCommand } from "./workspace.ts";
import { isShell } from "./wrappers.ts";

/** What a plan's server is known by when it runs. */
interface Wanted {
  readonly server: RecognisedServer | undefined;
  /** Where it runs. */
  readonly directory: string;
  /** The plan's own words, and those of the program that its script comes to. */
  readonly words: readonly (readonly string[])[];
}

/** A process whose program is known, and what it starts. */
interface Read {
  readonly server: RecognisedServer;
  /** Whether that is a package manager with a script, not the server's own program. */
  readonly managed: boolean;
}

/**
 * Of which kind a process is a plan's server, for each of many.
 * @param lineages each with a process first and those above it behind, nearest first
 * @param packages those around the plan's directory
 */
export async function kinships(
  plan: Pick<AppPlan, "command" | "cwd">,
  lineages: readonly (readonly RunningCommand[])[],
  packages: Packages,
): Promise<readonly (Kinship | undefined)[]> {
  const recogniser = new Recogniser(packages);
  const server = principal(await recogniser.servers(plan.command, plan.cwd));
  const wanted: Wanted = {
    server,
    directory: server?.directory ?? plan.cwd,
    words: [plan.command, ...(server?.words === undefined ? [] : [server.words])],
  };
  const inside = server && principal(await shellFileServers(server, packages, recogniser));
  const all = inside === undefined ? [wanted] : [wanted, wantedOf(inside)];
  const found: (Kinship | undefined)[] = [];
  for (const lineage of lineages) found.push(await firstKinship(all, lineage, recogniser));
  return found;
}

function wantedOf(server: RecognisedServer): Wanted {
  return { server, directory: server.directory, words: server.words === undefined ? [] : [server.words] };
}

/** The plan's server is known before what its script's file starts. */
async function firstKinship(
  all: readonly Wanted[],
  lineage: readonly RunningCommand[],
  recogniser: Recogniser,
): Promise<Kinship | undefined> {
  for (const wanted of all) {
    const found = await kinship(wanted, lineage, recogniser);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function kinship(
  wanted: Wanted,
  lineage: readonly RunningCommand[],
  recogniser: Recogniser,
): Promise<Kinship | undefined> {
  const [self] = lineage;
  if (self === undefined || !isWithin(self.cwd, wanted.directory)) return undefined;
  return wanted.server?.framework === undefined
    ? plainKinship(wanted, lineage, recogniser)
    : frameworkKinship(wanted, wanted.server.framework, lineage, recogniser);
}

/**
 * The nearest process of a framework's program decides: it must be that framework's own, told to serve the same thing.
 * A server that shows only a title of its own (`next-server (v16)`, `webpack`) is known by its parents, which may say what it
 * was told; else by that title.
 */
async function frameworkKinship(
  wanted: Wanted,
  { id, titles = [] }: Framework,
  lineage: readonly RunningCommand[],
  recogniser: Recogniser,
): Promise<Kinship | undefined> {
  const [title = "", ...others] = wordsOf(lineage[0]?.command ?? "");
  const isBare = others.length === 0 && frameworkOfProgram(title)?.id === id;
  for (const { command, cwd } of lineage) {
    const words = wordsOf(command);
    const isLine = isBare && isShell(programName(words[0] ?? ""));
    if (!isLine && !isFrameworks(words)) continue;
    const read = await readServer(words, cwd, recogniser);
    if (isBare && read === undefined) continue;
    if (read === undefined || read.server.framework?.id !== id) return undefined;
    const isSame =
      placeOf(read.server) === placeOf(wanted.server) && isSameChoice(read.server, wanted.server);
    return isSame ? "program" : undefined;
  }
  const isTitled = isBare || titles.includes(title);
  return isTitled && lineage[0]?.cwd === wanted.directory ? "program" : undefined;
}

/**
 * Without a framework: the very words, the very file, or below the same script of the same package; what shows only its
 * program's name, by that.
 */
async function plainKinship(
  wanted: Wanted,
  lineage: readonly RunningCommand[],
  recogniser: Recogniser,
): Promise<Kinship | undefined> {
  const [self] = lineage;
  if (self === undefined) return undefined;
  const own = wanted.words.map((words) => entryFile(words, wanted.directory));
  const running = entryFile(wordsOf(self.command), self.cwd);
  if (own.some((one) => isSameEntry(one, running))) return "program";
  if (self.cwd !== wanted.directory) return undefined;
  for (const { command, cwd } of lineage) {
    const words = wordsOf(command);
    if (cwd === wanted.directory && wanted.words.some((own) => isSameCommand(words, own))) return "program";
    const read = await readServer(words, cwd, recogniser);
    if (read === undefined || !read.managed) continue;
    const { script, directory } = read.server;
    if (script !== undefined && script === wanted.server?.script && directory === wanted.directory)
      return "script";
  }
  const [title, ...others] = wordsOf(self.command);
  const isBare = others.length === 0 && title === programName(wanted.server?.words?.[0] ?? "");
  return isBare ? "program" : undefined;
}

async function readServer(
  words: readonly string[],
  cwd: string,
  recogniser: Recogniser,
): Promise<Read | undefined> {
  const server = principal(await recogniser.servers(words, cwd));
  return server && { server, managed: server.packageManager !== undefined };
}

/** Whether this is a framework's own program, whatever it is told to do. */
function isFrameworks([first = "", ...args]: readonly string[]): boolean {
  const runtime = readRuntime(programName(first), args);
  const program = runtime?.kind === "program" ? (runtime.argv[0] ?? "") : first;
  return frameworkOfProgram(programName(program)) !== undefined;
}

/** Two of one framework in one directory are two apps where one has another configuration, or serves another part. */
function isSameChoice(one: RecognisedServer, other: RecognisedServer | undefined): boolean {
  return JSON.stringify(choiceOf(one.words ?? [])) === JSON.stringify(choiceOf(other?.words ?? []));
}

/** The directory that a framework's server serves: its own, or the one it is told (`vite client`). */
function placeOf(server: RecognisedServer | undefined): string | undefined {
  if (server === undefined) return undefined;
  return resolve(server.directory, rootOf(server.words ?? []) ?? ".");
}

/** An argument that can only be a directory. */
function rootOf([, ...args]: readonly string[]): string | undefined {
  return positionalsOf(args).find((word) => /^\.{1,2}(?:[\\/]|$)/.test(word));
}

const choosing = ["--config", "-c", "--root", "--project"];

/** The arguments that say what is served: words that are no option's value, and the values of options that choose. */
function choiceOf([, ...args]: readonly string[]): readonly string[] {
  const root = rootOf(["", ...args]);
  const chosen = args.flatMap((word, index) => {
    const before = args[index - 1] ?? "";
    if (choosing.includes(before)) return [`${before}=${word}`];
    return choosing.some((one) => word.startsWith(`${one}=`)) ? [word] : [];
  });
  return [...chosen, ...positionalsOf(args).filter((word) => word !== root)];
}

const commandWords = new Set(["dev", "serve", "start", "s", "develop"]);

function positionalsOf(args: readonly string[]): readonly string[] {
  return args.filter(
    (word, index) => !word.startsWith("-") && !args[index - 1]?.startsWith("-") && !commandWords.has(word),
  );
}

/**
 * The words of a command line as a system shows it, blanks lost, as the one who typed them would have written them: a
 * package manager that is a file of Node's by its own name.
 */
export function wordsOf(command: string): readonly string[] {
  const [first = "", ...rest] = command.split(/\s+/).filter(Boolean);
  if (isShell(programName(first)) && rest[0] === "-c") return [first, "-c", rest.slice(1).join(" ")];
  const manager = isRuntime(programName(first)) ? managerIn(rest[0] ?? "") : undefined;
  return manager === undefined ? [first, ...rest] : [manager, ...rest.slice(1)];
}

/** `/usr/lib/node_modules/npm/bin/npm-cli.js`, `.yarn/releases/yarn-4.9.1.cjs` */
function managerIn(path: string): string | undefined {
  return /(?:^|[\\/])(npm|npx|pnpm|pnpx|yarn|yarnpkg|bunx)(?:-cli)?(?:-[\d.]+)?(?:\.[cm]?js)?$/.exec(
    path,
  )?.[1];
}

function isSameCommand(running: readonly string[], own: readonly string[]): boolean {
  const wanted = formsOf(own.join(" ").split(/\s+/))[0];
  return formsOf(running).some((form) => form === wanted);
}

/** A command line by its program's name; also without the interpreter that a script's first line calls. */
function formsOf(words: readonly string[]): readonly string[] {
  const [first = "", second, ...rest] = words;
  const name = programName(first).replace(/^python[\d.]+$/, "python");
  const whole = [name, ...(second === undefined ? [] : [second, ...rest])].join(" ");
  const installed = readRuntime(name, words.slice(1));
  if (second === undefined || second.startsWith("-") || !isInterpreter(name)) return [whole];
  const inner = installed?.kind === "program" ? installed.argv : [second, ...rest];
  return [whole, [programName(inner[0] ?? ""), ...inner.slice(1)].join(" ")];
}

function isInterpreter(name: string): boolean {
  return isRuntime(name) || /^(?:sh|bash|dash|zsh|python|ruby|perl|php|deno|bun)$/.test(name);
}
