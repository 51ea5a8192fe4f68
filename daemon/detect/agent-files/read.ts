import { realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isWithin } from "../../../shared/base/within.ts";
import { asAppName } from "../../../shared/model/app.ts";
import { readJsonFile } from "../json-file.ts";
import type { Packages } from "../packages.ts";
import type { Recogniser } from "../recognise.ts";
import { principal, type RecognisedServer } from "../servers.ts";
import { readTextFile } from "../text-file.ts";
import { claudeLaunch } from "./claude-launch.ts";
import { codexEnvironment } from "./codex-environment.ts";
import { conductor } from "./conductor.ts";
import { cursorWorktrees } from "./cursor-worktrees.ts";
import type { AgentFile, Declared, DeclaredApp } from "./declared.ts";
import { superset } from "./superset.ts";

/** Every format, the first to count first. */
export const agentFiles: readonly AgentFile[] = [
  claudeLaunch,
  conductor,
  superset,
  codexEnvironment,
  cursorWorktrees,
];

/** A server that an agent's file names, as it would be started. */
export interface AgentApp {
  readonly app: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute real path. */
  readonly directory: string;
  readonly port?: number;
  /** The file that names it, relative to the root. */
  readonly file: string;
  readonly server: RecognisedServer | undefined;
}

/** What an agent's file would have done with a checkout. */
export interface AgentStep {
  readonly file: string;
  /** Lines for a shell. */
  readonly setup?: string;
  readonly teardown?: string;
}

type Found = Declared & Pick<AgentFile, "path">;

/**
 * The servers that agents' files name, each name once. Files that aren't believed, can't be read or say something else
 * say nothing; they are others', and none is run for being there.
 * @param root absolute real path of the sandbox's root
 */
export async function agentApps(
  root: string,
  packages: Packages,
  recogniser: Recogniser,
): Promise<readonly AgentApp[]> {
  const apps = new Map<string, AgentApp>();
  for (const { path, apps: some = [] } of await readAll(root, packages)) {
    for (const one of some) {
      const found = await toApp(one, path, root, recogniser);
      if (found !== undefined && !apps.has(found.app)) apps.set(found.app, found);
    }
  }
  return [...apps.values()];
}

/** What agents' files would have done with a checkout, a file each. */
export async function agentSteps(root: string, packages: Packages): Promise<readonly AgentStep[]> {
  const all = await readAll(root, packages);
  return all
    .filter(({ setup, teardown }) => setup !== undefined || teardown !== undefined)
    .map(({ path, setup, teardown }) => ({
      file: path,
      ...(setup === undefined ? {} : { setup }),
      ...(teardown === undefined ? {} : { teardown }),
    }));
}

async function toApp(
  { name, command, env, cwd, port, isUnsure = false }: DeclaredApp,
  file: string,
  root: string,
  recogniser: Recogniser,
): Promise<AgentApp | undefined> {
  const directory = await realpath(resolve(root, cwd ?? ".")).catch(() => undefined);
  if (directory === undefined || !isWithin(directory, root)) return undefined;
  const server = principal(await recogniser.servers(command, directory));
  if (isUnsure && server === undefined) return undefined;
  const app = name === undefined ? (server?.app ?? "web") : asAppName(name);
  return { app, command, env, directory, file, server, ...(port === undefined ? {} : { port }) };
}

async function readAll(root: string, packages: Packages): Promise<readonly Found[]> {
  const all = await Promise.all(agentFiles.map((one) => readOne(root, one, packages)));
  return all.filter((one) => one !== undefined);
}

async function readOne(root: string, file: AgentFile, packages: Packages): Promise<Found | undefined> {
  const path = join(root, file.path);
  // Its directory is none of those above the caller, but asked for as they are.
  packages.files.believed.climbed([dirname(path)]);
  if (!(await packages.files.believed.has(path))) return undefined;
  const value = await (file.format === "json" ? readJson(path) : readToml(path));
  return value === undefined ? undefined : { path: file.path, ...file.read(value) };
}

async function readJson(path: string): Promise<unknown> {
  const json = await readJsonFile(path, { comments: true });
  return json.kind === "json" ? json.document.value : undefined;
}

async function readToml(path: string): Promise<unknown> {
  const read = await readTextFile(path);
  if (read.kind !== "text") return undefined;
  try {
    // Few projects have such a file.
    const { parse } = await import("smol-toml");
    return parse(read.text);
  } catch {
    return undefined;
  }
}
