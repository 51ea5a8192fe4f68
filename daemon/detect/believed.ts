import { lstat, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { DevlatchError } from "../../shared/base/errors.ts";
import { isWithin } from "../../shared/base/within.ts";
import { readTextFile } from "./text-file.ts";

/** The file that lists, a line each, directories of others whose configuration is believed. @param home its directory */
export function trustedFileIn(home: string): string {
  return join(home, "trusted-directories");
}

/**
 * Whose configuration is believed around one question. What lies above the directory the caller stands in counts only
 * if it belongs, with its directory, to this user, to root, or to the owner of the caller's directory (root in a dev
 * container works in a checkout of another user). Anyone can put files into a shared parent such as the temporary
 * directory, and a start would run what they say. Windows tells no owners: there all is believed.
 */
export class Believed {
  readonly #standing: string;
  readonly #trustedFile: string | undefined;
  /** Directories reached on the way up from elsewhere than the caller's. */
  readonly #above = new Set<string>();
  readonly #ignored = new Map<string, DevlatchError>();
  #owners: Promise<ReadonlySet<number>> | undefined;
  #trusted: Promise<ReadonlySet<string>> | undefined;

  /**
   * @param standing absolute real path of the directory the caller stands in
   * @param trustedFile see `trustedFileIn`; undefined where owners alone decide
   */
  constructor(standing: string, trustedFile: string | undefined) {
    this.#standing = standing;
    this.#trustedFile = trustedFile;
  }

  /** What was found and not believed: `CONFIG_INVALID`s, each naming its file and the way to allow it. */
  get ignored(): readonly DevlatchError[] {
    return [...this.#ignored].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }

  /** Takes note of directories that are asked only because they are above another. */
  climbed(directories: readonly string[]): void {
    for (const one of directories) this.#above.add(one);
  }

  /**
   * Whether a configuration file may be read. Where there is none the answer saves reading it if it can be had without a
   * look more: false above the caller's directory, true elsewhere. Never rejects.
   */
  async has(file: string): Promise<boolean> {
    const directory = dirname(file);
    if (process.getuid === undefined || !this.#isAbove(directory)) return true;
    const stranger = await this.#stranger(file, directory);
    if (stranger === "no file") return false;
    if (stranger === undefined || (await this.#trustedDirectories()).has(directory)) return true;
    this.#ignored.set(file, this.#ignoring(file, directory, stranger));
    return false;
  }

  #isAbove(directory: string): boolean {
    if (isWithin(directory, this.#standing)) return false;
    return isWithin(this.#standing, directory) || this.#above.has(directory);
  }

  /** The first owner of file, link and directory that isn't believed. What can't be looked at, reading it tells. */
  async #stranger(
    file: string,
    directory: string,
  ): Promise<{ what: string; uid: number } | "no file" | undefined> {
    try {
      // First by itself: most directories have no such file.
      const link = await lstat(file).catch(noFile);
      if (link === undefined) return "no file";
      const [target, place] = await Promise.all([link.isSymbolicLink() ? stat(file) : link, stat(directory)]);
      this.#owners ??= ownersFor(this.#standing);
      const owners = await this.#owners;
      return [
        { what: "it", uid: link.uid },
        { what: "the file it leads to", uid: target.uid },
        { what: "its directory", uid: place.uid },
      ].find(({ uid }) => !owners.has(uid));
    } catch {
      return undefined;
    }
  }

  #trustedDirectories(): Promise<ReadonlySet<string>> {
    this.#trusted ??= readTrusted(this.#trustedFile);
    return this.#trusted;
  }

  #ignoring(file: string, directory: string, { what, uid }: { what: string; uid: number }): DevlatchError {
    const message = `${file} is ignored: ${what} belongs to another user (uid ${uid}).`;
    const allow = this.#trustedFile && `add the line ${directory} to ${this.#trustedFile}`;
    const remedy = `If you trust it, ${allow ?? "work in its directory"}.`;
    return new DevlatchError("CONFIG_INVALID", message, remedy, { data: { file } });
  }
}

function noFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
}

/** What was ignored, in one line for people; undefined where nothing was. */
export function ignoredLine(ignored: readonly DevlatchError[]): string | undefined {
  return ignored.length === 0
    ? undefined
    : ignored.map(({ message, remedy }) => `${message} ${remedy}`).join(" ");
}

async function ownersFor(standing: string): Promise<ReadonlySet<number>> {
  const found = await stat(standing).catch(() => undefined);
  return new Set([0, process.getuid?.() ?? 0, found?.uid ?? 0]);
}

async function readTrusted(file: string | undefined): Promise<ReadonlySet<string>> {
  const content = file === undefined ? undefined : await readTextFile(file);
  if (content?.kind !== "text") return new Set();
  const named = content.text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(isAbsolute);
  return new Set(await Promise.all(named.map((one) => realpath(one).catch(() => one))));
}
