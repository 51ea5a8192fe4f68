import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DevlatchError } from "../../shared/base/errors.ts";
import { Believed } from "./believed.ts";
import { readJsonFile } from "./json-file.ts";
import { nxPackageOf } from "./nx-files.ts";
import { type Package, type PackageFile, readPackage } from "./package-json.ts";

/** Reads the `package.json` of a directory. */
export type PackageReader = (directory: string) => Promise<PackageFile>;

/** What directories say of the package that is in them, each read once. */
export class PackageFiles {
  readonly #files = new Map<string, Promise<PackageFile>>();
  readonly #ways = new Map<string, Promise<readonly string[]>>();
  readonly #nxRoots = new Map<string, Promise<boolean>>();
  readonly #readPackage: PackageReader;
  /** Whose files are believed; see there. */
  readonly believed: Believed;

  private constructor(believed: Believed, read: PackageReader) {
    this.believed = believed;
    this.#readPackage = read;
  }

  /**
   * @param standing the directory the caller stands in
   * @param trustedFile see `trustedFileIn`
   * @param read from the disk unless told
   */
  static async around(
    standing: string,
    trustedFile: string | undefined,
    read: PackageReader = readPackage,
  ): Promise<PackageFiles> {
    const real = await realpath(standing).catch(() => standing);
    return new PackageFiles(new Believed(real, trustedFile), read);
  }

  /**
   * The directory and those above it, nearest first, up to the git checkout it is in: a checkout or worktree is a place
   * of its own, also where it lies inside another project. Without a checkout up to the file system's root.
   */
  ancestors(directory: string): Promise<readonly string[]> {
    return remember(this.#ways, directory, async () => {
      const way = await wayUp(directory);
      this.believed.climbed(way.slice(1));
      return way;
    });
  }

  /** The package of exactly this directory; a broken file counts as none here (see `problem`). */
  async at(directory: string): Promise<Package | undefined> {
    const file = await this.read(directory);
    return file.kind === "package" ? file.package : undefined;
  }

  /** What is wrong with the `package.json` of exactly this directory. */
  async problem(directory: string): Promise<DevlatchError | undefined> {
    const file = await this.read(directory);
    return file.kind === "invalid" ? file.problem : undefined;
  }

  /** The nearest directory, upward and inside the git checkout, that has a `package.json`, broken or not. */
  async nearestDirectory(directory: string): Promise<string | undefined> {
    for (const one of await this.ancestors(directory)) {
      if ((await this.read(one)).kind !== "missing") return one;
    }
    return undefined;
  }

  /** The package a directory belongs to. */
  async nearest(directory: string): Promise<Package | undefined> {
    const found = await this.nearestDirectory(directory);
    return found === undefined ? undefined : this.at(found);
  }

  /** The root of the Nx workspace that a directory is in. */
  async nxRoot(directory: string): Promise<string | undefined> {
    for (const one of await this.ancestors(directory)) if (await this.isNxRoot(one)) return one;
    return undefined;
  }

  /** Whether a directory has one of these, named from it. */
  async hasOne(directory: string, names: readonly string[]): Promise<boolean> {
    return (await Promise.all(names.map((name) => this.has(join(directory, name))))).includes(true);
  }

  /** Whether there is a file, or anything else, of this path that is believed. */
  async has(path: string): Promise<boolean> {
    return (await this.believed.has(path)) && isThere(path);
  }

  /** Whether a workspace of Nx begins here. */
  isNxRoot(directory: string): Promise<boolean> {
    return remember(this.#nxRoots, directory, () => this.hasOne(directory, ["nx.json"]));
  }

  /** The readable packages of these directories. */
  async all(directories: readonly string[]): Promise<readonly Package[]> {
    const packages = await Promise.all(directories.map((one) => this.at(one)));
    return packages.filter((one) => one !== undefined);
  }

  /** The package of exactly this directory, or what is wrong with it. */
  read(directory: string): Promise<PackageFile> {
    return remember(this.#files, directory, async () => {
      const file = (await this.believed.has(join(directory, "package.json")))
        ? await this.#readPackage(directory)
        : missing;
      return file.kind === "missing" ? this.#readNxProject(directory) : file;
    });
  }

  /** Nx' projects need no `package.json`. */
  async #readNxProject(directory: string): Promise<PackageFile> {
    const file = join(directory, "project.json");
    if (!(await this.believed.has(file))) return missing;
    const json = await readJsonFile(file, { comments: true });
    const found = json.kind === "json" ? nxPackageOf(json.document, directory) : undefined;
    return found ? { kind: "package", package: found } : missing;
  }

  /** A checkout that another user made around packages of ours is none. */
  async isOwnCheckout(directory: string): Promise<boolean> {
    return (await isCheckout(directory)) && this.believed.has(join(directory, ".git"));
  }
}

const missing = { kind: "missing" } as const;

/** One after the other: what is above a checkout isn't looked at, and may be slow to answer (automounted). */
async function wayUp(directory: string): Promise<readonly string[]> {
  const found = [directory];
  for (let one = directory; !(await isCheckout(one)); ) {
    const parent = dirname(one);
    if (parent === one) break;
    found.push(parent);
    one = parent;
  }
  return found;
}

/** Whether a git checkout begins here: `.git` is a directory, or a file in a worktree or submodule. */
export async function isCheckout(directory: string): Promise<boolean> {
  return isThere(join(directory, ".git"));
}

/** Whether there is something of this name. */
export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** What was read once under a key is the answer for as long as the map lives. */
export function remember<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const reading = read();
  known.set(key, reading);
  return reading;
}
