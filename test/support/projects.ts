import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { digest } from "../../shared/base/token.ts";
import { runProgram } from "./child.ts";
import { type CachedFolder, cachedFolder } from "./install/cached-folder.ts";
import { npm } from "./install/npm.ts";
import type { Owner } from "./owner.ts";
import { repository } from "./paths.ts";

/** Projects in test/fixtures/projects. */
export const projectNames = [
  "next",
  "expo",
  "vite",
  "astro",
  "plain",
  "concurrently",
  "watchers",
  "runners",
  "turbo",
] as const;
export type ProjectName = (typeof projectNames)[number];

/**
 * A fresh copy of a fixture project with its dependencies, in a temporary directory of its own.
 * @param owner removes it when it ends; without one it goes when this process exits
 * @returns absolute real path
 */
export async function prepareProject(name: ProjectName, owner?: Owner): Promise<string> {
  return freshCopy(join(repository, "test/fixtures/projects", name), name, owner);
}

/**
 * A fresh copy of a case of test/fixtures/cases: the files on which something went wrong once. With a lockfile of its own
 * it gets what that names.
 * @param name its folder
 * @param owner removes it when it ends
 * @param modules the fixture project whose dependencies it gets instead
 * @returns absolute real path
 */
export async function prepareCase(name: string, owner: Owner, modules?: ProjectName): Promise<string> {
  return freshCopy(join(repository, "test/fixtures/cases", name), modules, owner);
}

async function freshCopy(
  source: string,
  modules: ProjectName | undefined,
  owner: Owner | undefined,
): Promise<string> {
  const dependencies = await dependenciesOf(source, modules);
  const parent = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-project-"));
  const remove = () => rmSync(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  if (owner === undefined) process.once("exit", remove);
  else owner.after(remove);
  refuseAncestorPackages(dirname(parent));
  const directory = join(parent, basename(source));
  await cp(source, directory, { recursive: true });
  if (dependencies !== undefined)
    await cloneTree(join(dependencies, "node_modules"), join(directory, "node_modules"));
  return directory;
}

async function dependenciesOf(source: string, modules: ProjectName | undefined): Promise<string | undefined> {
  if (modules !== undefined) return needDependencies(modules);
  return existsSync(join(source, "package-lock.json"))
    ? installDependencies(basename(source), source)
    : undefined;
}

/** Installs a project's dependencies into the tests' cache. @returns the folder, or undefined if it has none */
export async function needDependencies(name: ProjectName): Promise<string | undefined> {
  return installDependencies(name, join(repository, "test/fixtures/projects", name));
}

/**
 * Installs what a directory's package.json and lockfile name into the tests' cache.
 * @param name what it is called there
 * @returns the folder with node_modules, or undefined if there are no dependencies
 */
export async function installDependencies(name: string, source: string): Promise<string | undefined> {
  const files = ["package.json", "package-lock.json"].map((file) => join(source, file));
  const texts = files.map((file) => readFileSync(file, "utf8"));
  if (!/"(devD|d)ependencies"/.test(texts[0] ?? "")) return undefined;
  const platform = `${process.platform}-${process.arch}-node${process.versions.node.split(".")[0]}`;
  const folder: CachedFolder = {
    name: `project-${name}-${digest([...texts, platform].join("\0"))}`,
    what: `the dependencies of ${name} with npm ci`,
    timeoutMs: 30 * 60_000,
    make: async (directory) => {
      for (const file of files) await cp(file, join(directory, file.slice(source.length)));
      await npm(["ci"], { cwd: directory, timeoutMs: 30 * 60_000 });
    },
  };
  return cachedFolder(folder);
}

/**
 * Hard links take a tenth of the time of copies, and Next's bundler refuses links that leave the project. Where hard
 * links can't be had (another file system, no GNU cp) it is a copy.
 */
async function cloneTree(from: string, to: string): Promise<void> {
  const linked = await runProgram("cp", ["-al", from, to]).catch(() => undefined);
  if (linked?.code === 0) return;
  rmSync(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
}

/** Frameworks look upwards for a workspace root: a stray package or lockfile there changes what they do. */
function refuseAncestorPackages(start: string): void {
  const names = [
    "package.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "devlatch.json",
  ];
  for (let directory = start; ; directory = dirname(directory)) {
    const stray = names.map((name) => join(directory, name)).find((path) => existsSync(path));
    if (stray !== undefined) {
      throw new Error(
        `${stray} would be taken for part of every test project. Remove it, or set TMPDIR elsewhere.`,
      );
    }
    if (directory === dirname(directory)) return;
  }
}
