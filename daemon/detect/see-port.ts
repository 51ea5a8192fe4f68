import { isAbsolute, join, relative, resolve } from "node:path";
import { parseEnv } from "node:util";
import { findNodeAtLocation, getNodeValue } from "jsonc-parser";
import type { AppPlan, PortPlaces } from "../../shared/model/app.ts";
import { readConfigPort } from "./config-port.ts";
import { frameworkById } from "./frameworks.ts";
import { readJsonFile } from "./json-file.ts";
import type { Packages } from "./packages.ts";
import { parsePort } from "./port-flags.ts";
import { portHabits } from "./port-habits.ts";
import type { RecognisedServer } from "./servers.ts";
import { readTextFile } from "./text-file.ts";
import { toldPlaces } from "./told-places.ts";

/** A port that a file of the project says. */
interface Seen {
  readonly port: number;
  /** The file, as a person would name it from the server's directory. */
  readonly source: string;
}

/**
 * The plan with the port that the project's files say: its framework's configuration, and files of variables where the
 * server reads them. What a command line says counts for more, and what is asked for for most.
 */
export async function seePort(plan: AppPlan, packages: Packages): Promise<AppPlan> {
  const { portOrigin, portFixed, portPlaces, framework } = plan;
  const isOpen = portOrigin === "guessed" || (portOrigin === "asked" && portFixed !== undefined);
  if (!isOpen || portPlaces === undefined) return plan;
  const seen = await lookFor(framework, portPlaces, packages).catch(() => undefined);
  if (seen === undefined) return plan;
  const own = { ownPort: seen.port };
  if (portOrigin === "asked") return { ...plan, ...own };
  return { ...plan, ...own, port: seen.port, portOrigin: "seen", portSource: seen.source };
}

/** The port that the files of a server say which a command line starts. Never rejects. */
export async function portSeen(server: RecognisedServer, packages: Packages): Promise<number | undefined> {
  const { framework, directory, envFiles = [], words = [] } = server;
  const seen = lookFor(framework?.id, { directory, envFiles, words }, packages);
  return (await seen.catch(() => undefined))?.port;
}

async function lookFor(
  framework: string | undefined,
  places: PortPlaces,
  packages: Packages,
): Promise<Seen | undefined> {
  const habits = portHabits(framework);
  const told = toldPlaces(framework, places);
  const believes = (file: string) => packages.files.believed.has(file);
  const variables = new Variables(told.directory, believes);
  const names = [...(frameworkById(framework ?? "")?.portVariables ?? []), "PORT"];
  if (habits.heedsVariable) {
    const own = told.variables === undefined ? (habits.envFiles ?? []) : [told.variables];
    const seen = await variables.port(names, [...own, ...places.envFiles]);
    if (seen !== undefined) return seen;
  }
  if (framework === undefined) return watchersPort(places, believes);
  const configured = await readConfigPort(framework, told, believes);
  if (configured === undefined) return undefined;
  const { file, port, variable } = configured;
  const byVariable =
    variable && (await variables.port([variable], [...modeFiles(told.mode), ...places.envFiles]));
  return byVariable || (port === undefined ? undefined : { port, source: named(file, places.directory) });
}

/** What Vite and its kin read, the last one first to count. */
const modeFiles = (mode = "development") => [".env", ".env.local", `.env.${mode}`, `.env.${mode}.local`];

/** nodemon sets variables for what it runs, where there are none of that name. */
async function watchersPort(
  { directory, words = [] }: PortPlaces,
  believes: (file: string) => Promise<boolean>,
): Promise<Seen | undefined> {
  if (words[0] !== "nodemon") return undefined;
  for (const [file, path] of nodemonPorts) {
    if (!(await believes(join(directory, file)))) continue;
    const json = await readJsonFile(join(directory, file), { comments: true });
    const node = json.kind === "json" ? findNodeAtLocation(json.document.tree, [...path]) : undefined;
    const port = node && parsePort(String(getNodeValue(node)));
    if (port !== undefined) return { port, source: file };
  }
  return undefined;
}

const nodemonPorts = [
  ["nodemon.json", ["env", "PORT"]],
  ["package.json", ["nodemonConfig", "env", "PORT"]],
] as const;

/** A file as a person would name it from a directory. */
function named(path: string, directory: string): string {
  const short = relative(directory, path);
  return short.startsWith("..") ? path : join(short);
}

/** Files of variables, each read once. */
class Variables {
  readonly #directory: string;
  readonly #believes: (file: string) => Promise<boolean>;

  constructor(directory: string, believes: (file: string) => Promise<boolean>) {
    this.#directory = directory;
    this.#believes = believes;
  }

  /** The port under one of these names; of several files the last one that has it. */
  async port(names: readonly string[], files: readonly string[]): Promise<Seen | undefined> {
    for (const file of files.toReversed()) {
      const path = isAbsolute(file) ? file : resolve(this.#directory, file);
      if (!(await this.#believes(path))) continue;
      const found = await readTextFile(path);
      const env = found.kind === "text" ? parseEnv(found.text) : {};
      const port = names.map((name) => parsePort(env[name]?.trim())).find((one) => one !== undefined);
      if (port !== undefined) return { port, source: named(path, this.#directory) };
    }
    return undefined;
  }
}
