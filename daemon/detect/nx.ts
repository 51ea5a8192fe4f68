import { join } from "node:path";
import { readJsonFile } from "./json-file.ts";
import { NxName, NxPackageFile, NxProjectFile, type NxTargetFile, NxWorkspaceFile } from "./nx-files.ts";
import { executors, type NxPlugin, plugins } from "./nx-plugins.ts";
import { remember } from "./package-files.ts";
import type { Package } from "./package-json.ts";
import type { Packages } from "./packages.ts";
import { resolveSafely } from "./scope.ts";

/** What a target of an Nx project runs: a command line, and its directory. */
export interface NxTarget {
  readonly line: string;
  readonly directory: string;
}

/** A project of an Nx workspace. */
export interface NxProject {
  /** As `nx run NAME:TARGET` has it. */
  readonly name: string;
  /** Those that could serve, by name. */
  readonly targets: ReadonlyMap<string, NxTarget>;
}

/**
 * The Nx project of a package: targets of its `project.json`, of `nx` in its `package.json`, and those that Nx' plugins infer
 * from the files beside (nx.dev, "Inferred tasks"). Nothing of Nx is run for it.
 * @returns undefined outside of an Nx workspace
 */
export function nxProject(packages: Packages, owner: Package): Promise<NxProject | undefined> {
  const known = projects.get(packages) ?? new Map();
  projects.set(packages, known);
  return remember(known, owner.directory, () => readProject(packages, owner));
}

/** What was read for one question. */
const projects = new WeakMap<Packages, Map<string, Promise<NxProject | undefined>>>();

async function readProject(packages: Packages, owner: Package): Promise<NxProject | undefined> {
  const root = await packages.files.nxRoot(owner.directory);
  if (root === undefined) return undefined;
  const file = NxProjectFile.safeParse(await jsonOf(packages, join(owner.directory, "project.json"))).data;
  const { nx } = NxPackageFile.safeParse(await jsonOf(packages, owner.file)).data ?? {};
  const name = file?.name ?? NxName.safeParse(owner.name).data;
  if (name === undefined) return undefined;
  const told = Object.entries({ ...nx?.targets, ...file?.targets });
  const targets = new Map(await inferred(packages, root, owner.directory));
  for (const [target, one] of told) {
    const line = lineOf(one);
    if (line === undefined) continue;
    const { cwd } = one.options;
    targets.set(target, { line, directory: cwd === undefined ? owner.directory : resolveSafely(root, cwd) });
  }
  return { name, targets };
}

function lineOf({ executor = "", command, options }: NxTargetFile): string | undefined {
  if (command !== undefined) return command;
  if (executor === "nx:run-commands" || executor === "@nrwl/workspace:run-commands")
    return options.command ?? options.commands?.join(" & ");
  const found = executors.find(([pattern]) => pattern.test(executor));
  if (found === undefined) return undefined;
  return options.port === undefined ? found[1] : `${found[1]} --port ${options.port}`;
}

async function inferred(
  packages: Packages,
  root: string,
  directory: string,
): Promise<readonly (readonly [string, NxTarget])[]> {
  const { plugins: used } = NxWorkspaceFile.safeParse(await jsonOf(packages, join(root, "nx.json"))).data ?? {
    plugins: [],
  };
  const found: (readonly [string, NxTarget])[] = [];
  for (const { plugin, options } of used) {
    const known = plugins.get(plugin);
    if (!known || !(await applies(packages, directory, known))) continue;
    for (const { option, usual, line } of known.targets) {
      const chosen = options[option];
      found.push([typeof chosen === "string" ? chosen : usual, { line, directory }]);
    }
  }
  return found;
}

async function applies(packages: Packages, directory: string, { files, needs }: NxPlugin): Promise<boolean> {
  for (const name of [files, ...(needs ? [needs] : [])]) {
    const there = await Promise.all(name.map((one) => packages.files.has(join(directory, one))));
    if (!there.includes(true)) return false;
  }
  return true;
}

async function jsonOf(packages: Packages, file: string): Promise<unknown> {
  if (!(await packages.files.believed.has(file))) return undefined;
  const json = await readJsonFile(file, { comments: true });
  return json.kind === "json" ? json.document.value : undefined;
}
