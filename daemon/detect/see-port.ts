import { isAbsolute, join, relative, resolve } from "node:path";
import { parseEnv } from "node:util";
import type { AppPlan, PortPlaces } from "../../shared/model/app.ts";
import { readConfigPort } from "./config-port.ts";
import { frameworkById } from "./frameworks.ts";
import type { Packages } from "./packages.ts";
import { parsePort } from "./port-flags.ts";
import { portHabits } from "./port-habits.ts";
import type { RecognisedServer } from "./servers.ts";
import { readTextFile } from "./text-file.ts";

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
  const { framework, directory, envFiles = [] } = server;
  const seen = lookFor(framework?.id, { directory, envFiles }, packages);
  return (await seen.catch(() => undefined))?.port;
}

async function lookFor(
  framework: string | undefined,
  { directory, envFiles }: PortPlaces,
  packages: Packages,
): Promise<Seen | undefined> {
  const habits = portHabits(framework);
  const believes = (file: string) => packages.files.believed.has(file);
  const variables = new Variables(directory, believes);
  const names = [...(frameworkById(framework ?? "")?.portVariables ?? []), "PORT"];
  if (habits.heedsVariable) {
    const files = [...(habits.envFiles ?? []), ...envFiles];
    const seen = await variables.port(names, files);
    if (seen !== undefined) return seen;
  }
  const configured =
    framework === undefined ? undefined : await readConfigPort(framework, directory, believes);
  if (configured === undefined) return undefined;
  const { file, port, variable } = configured;
  const byVariable = variable && (await variables.port([variable], [...modeFiles, ...envFiles]));
  return byVariable || (port === undefined ? undefined : { port, source: file });
}

/** What Vite and its kin read, the last one first to count. */
const modeFiles = [".env", ".env.local", ".env.development", ".env.development.local"];

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
      if (port !== undefined) return { port, source: this.#named(path) };
    }
    return undefined;
  }

  #named(path: string): string {
    const short = relative(this.#directory, path);
    return short.startsWith("..") ? path : join(short);
  }
}
