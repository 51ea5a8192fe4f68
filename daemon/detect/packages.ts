import { basename, join, relative, sep } from "node:path";
import { Budget } from "./budget.ts";
import { expandDirectories, matchesName } from "./globs.ts";
import { isThere, PackageFiles, type PackageReader, remember } from "./package-files.ts";
import type { Package, PackageFile } from "./package-json.ts";
import { readPnpmPackages } from "./pnpm-workspace.ts";
import { readTextFile } from "./text-file.ts";

/** A set of packages that belong together, with the directory that says so. */
export interface PackageWorkspace {
  readonly root: string;
  /** Absolute directories of the members, in the order of paths; the root is none of them. */
  readonly members: readonly string[];
}

export interface PackagesOptions {
  /** Reads the `package.json` of a directory: from the disk, or as an editor has it. */
  readonly read?: PackageReader;
  /** What the question may cost. */
  readonly budget?: Budget;
}

/**
 * The packages around one question. What was read once is remembered, so an answer sees one state of the files; ask
 * with a new instance to see changes.
 */
export class Packages {
  /** What each directory says. */
  readonly files: PackageFiles;
  readonly #workspaces = new Map<string, Promise<PackageWorkspace | undefined>>();
  readonly #loose = new Map<string, Promise<PackageWorkspace | undefined>>();
  #budget: Budget;

  private constructor(files: PackageFiles, budget: Budget) {
    this.files = files;
    this.#budget = budget;
  }

  /**
   * The packages around a question.
   * @param standing the directory the caller stands in
   * @param trustedFile see `trustedFileIn`
   */
  static async around(
    standing: string,
    trustedFile: string | undefined,
    { read, budget = new Budget() }: PackagesOptions = {},
  ): Promise<Packages> {
    return new Packages(await PackageFiles.around(standing, trustedFile, read), budget);
  }

  /** What may still be looked at for this question. */
  get budget(): Budget {
    return this.#budget;
  }

  /** For one more question, which goes by what was read for those before and may cost as much as they. */
  again(): this {
    this.#budget = new Budget();
    return this;
  }

  /** The workspace whose root this directory is. @throws DevlatchError `CONFIG_INVALID` where it names too much */
  workspaceAt(directory: string): Promise<PackageWorkspace | undefined> {
    return remember(this.#workspaces, directory, () => this.#readWorkspace(directory));
  }

  /** The workspace a package belongs to, as its root or as one of its members. */
  async workspaceOf(packageDirectory: string): Promise<PackageWorkspace | undefined> {
    for (const one of await this.files.ancestors(packageDirectory)) {
      const workspace = await this.workspaceAt(one);
      if (workspace === undefined) continue;
      if (one === packageDirectory || workspace.members.includes(packageDirectory)) return workspace;
    }
    return undefined;
  }

  /** The workspace a package is in, else the packages it lies beside without one; see `looseAt`. */
  async familyOf(packageDirectory: string): Promise<PackageWorkspace | undefined> {
    const workspace = await this.workspaceOf(packageDirectory);
    if (workspace !== undefined) return workspace;
    const root = await this.#looseRootOf(packageDirectory);
    const beside = root === undefined ? undefined : await this.looseAt(root);
    return beside?.members.includes(packageDirectory) ? beside : undefined;
  }

  /** Where a package would be one of those without a workspace: see `looseAt`. */
  async #looseRootOf(packageDirectory: string): Promise<string | undefined> {
    const [, parent, above] = await this.files.ancestors(packageDirectory);
    if (parent === undefined) return undefined;
    const isGathered = above !== undefined && gatheringNames.includes(basename(parent));
    if (isGathered && (await this.files.isOwnCheckout(above))) return above;
    const isPart = partNames.includes(basename(packageDirectory));
    return isPart || (await this.files.isOwnCheckout(parent)) ? parent : undefined;
  }

  /**
   * The packages below a directory that no file calls a workspace: of a checkout those directly below it and in its `apps`
   * or the like, elsewhere those with names that parts of one app have.
   * @throws DevlatchError `CONFIG_INVALID` where there is too much to look at
   */
  looseAt(root: string): Promise<PackageWorkspace | undefined> {
    return remember(this.#loose, root, async () => {
      if ((await this.workspaceAt(root)) !== undefined) return undefined;
      const isTop = await this.files.isOwnCheckout(root);
      const found = await this.#membersOf(root, isTop ? looseOfCheckout : partNames, root);
      const rootIsOne = (await this.files.read(root)).kind === "package";
      // Beside the only one may be parts in other languages: `frontend` and a `backend` in Python.
      const isPart = isTop && found.some((one) => partNames.includes(basename(one)));
      return found.length >= (rootIsOne || isPart ? 1 : 2) ? { root, members: found } : undefined;
    });
  }

  /**
   * The packages a filter means: by name, name without scope, path below the root, or a glob over these; pnpm's dots
   * and braces around it (`...web`, `{apps/web}`) are no part of the name. The root is meant by its full name alone.
   * @throws DevlatchError `CONFIG_INVALID` where comparing costs too much
   */
  async select(workspace: PackageWorkspace, filter: string): Promise<readonly Package[]> {
    const wanted = filter
      .replace(/^[.^]{3,}|[.^]{3,}$|\[.*\]/g, "")
      .replace(/^\{(.*)\}$/, "$1")
      .replace(/^\.\/|\/$/g, "");
    const all = await this.files.all(workspace.members);
    await this.budget.spend(all.length, () => ({
      file: join(workspace.root, "package.json"),
      what: "has more packages than its scripts' filters can be compared with",
      remedy: "Let scripts name fewer filters, or start the server's own command.",
    }));
    const root = await this.files.at(workspace.root);
    const own = root?.name === wanted ? [root] : [];
    const named = all.filter((one) => namesOf(one, workspace.root).some((name) => matchesName(name, wanted)));
    return [...own, ...named];
  }

  async #readWorkspace(root: string): Promise<PackageWorkspace | undefined> {
    const file = join(root, "pnpm-workspace.yaml");
    const [pnpm, own, isNx] = await Promise.all([
      this.files.believed.has(file).then((may) => (may ? readTextFile(file) : missing)),
      this.files.at(root).then((found) => found?.workspaces ?? []),
      this.files.isNxRoot(root),
    ]);
    const patterns = pnpm.kind === "text" ? excludingLast(readPnpmPackages(pnpm.text)) : own;
    if (pnpm.kind !== "text" && own.length === 0 && !isNx) return undefined;
    const from = pnpm.kind === "text" ? file : join(root, "package.json");
    const members = await this.#membersOf(root, patterns, from);
    const projects = isNx ? await this.#nxProjects(root) : [];
    return { root, members: [...new Set([...members, ...projects])].sort() };
  }

  /** A built package has a `package.json` as well: only what has a file for Nx is one of its projects. */
  async #nxProjects(root: string): Promise<readonly string[]> {
    const directories = await this.#membersOf(root, nxPlaces, join(root, "nx.json"));
    const isProject = await Promise.all(directories.map((one) => isThere(join(one, "project.json"))));
    return directories.filter((_, index) => isProject[index]);
  }

  /** The directories with a `package.json` that patterns name. @param file where the patterns are written */
  async #membersOf(root: string, patterns: readonly string[], file: string): Promise<readonly string[]> {
    const directories = (await expandDirectories(root, patterns, file, this.budget))
      .map((path) => join(root, path))
      .filter((one) => one !== root);
    const files: PackageFile[] = [];
    for (let at = 0; at < directories.length; at += filesAtOnce) {
      files.push(
        ...(await Promise.all(directories.slice(at, at + filesAtOnce).map((one) => this.files.read(one)))),
      );
    }
    return directories.filter((_, index) => files[index]?.kind !== "missing");
  }
}

/** Files that are open at a time. */
const filesAtOnce = 32;
/** What the parts of an app are called that lie side by side without a workspace. */
export const partNames =
  "client server frontend front-end backend back-end web webapp website site api app ui admin mobile".split(
    " ",
  );
/** What the directories are called that gather packages, also where each is installed by itself. */
const gatheringNames = "apps packages services projects sites examples demos".split(" ");
const looseOfCheckout = ["*", ...gatheringNames.map((name) => `${name}/*`)];
/** Where the projects of an Nx workspace are looked for that are no packages of a package manager. */
const nxPlaces = ["*", "*/*", "*/*/*"];
const missing = { kind: "missing" } as const;

/** To pnpm what `!` takes out is out, wherever it stands; npm and Yarn go by the order. */
function excludingLast(patterns: readonly string[]): readonly string[] {
  const isExcluding = (pattern: string) => pattern.startsWith("!");
  return [...patterns.filter((one) => !isExcluding(one)), ...patterns.filter(isExcluding)];
}

function namesOf(one: Package, root: string): readonly string[] {
  const path = relative(root, one.directory).split(sep).join("/");
  const name = one.name ?? path;
  return [name, name.replace(/^@[^/]*\//, ""), path, basename(one.directory)];
}
