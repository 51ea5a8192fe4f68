import { createHash, type Hash } from "node:crypto";
import { opendir, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import picomatch from "picomatch";
import { DevlatchError } from "../../shared/base/errors.ts";
import { readRegularFile } from "../../shared/base/regular-file.ts";

/** As many entries of directories are looked at, and as many bytes read: the files of a task are few. */
const [mostEntries, mostBytes] = [50_000, 256 * 1024 * 1024];

/** As many bytes of one file are compared. */
const mostOfFile = 16 * 1024 * 1024;

/** Only `*`, `**` and `?` stand for something; the configuration allows no other. */
const dialect = { dot: true, nobrace: true, nobracket: true, noextglob: true, nonegate: true } as const;
/** What no task depends on by a pattern: installed packages, and the repository's own files. */
const passedOver: ReadonlySet<string> = new Set(["node_modules", ".git"]);

/**
 * A digest of the files that patterns name: of their paths and contents. A file that isn't there counts, too.
 * @param directory absolute; patterns begin there
 * @throws DevlatchError `CONFIG_INVALID` where a pattern leaves the directory, or they name more than can be read; the
 *   signal's reason
 */
export async function inputDigest(
  directory: string,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256");
  const budget = { entries: mostEntries, bytes: mostBytes };
  for (const pattern of [...patterns].sort()) {
    const path = posix.normalize(pattern);
    if (path === ".." || path.startsWith("../")) throw leaves(pattern);
    hash.update(`${pattern}\0`);
    for (const file of await filesOf(directory, path, budget, signal))
      await addFile(hash, directory, file, budget);
  }
  return hash.digest("hex").slice(0, 32);
}

type Budget = { entries: number; bytes: number };

/** Paths from the directory, in order. */
async function filesOf(
  directory: string,
  pattern: string,
  budget: Budget,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!/[*?]/.test(pattern)) return [pattern];
  const { base } = picomatch.scan(pattern);
  const matches = picomatch(pattern, dialect);
  const found: string[] = [];
  const left = [base];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    signal.throwIfAborted();
    for (const { name, isDirectory, isFile } of await entriesOf(join(directory, at))) {
      if (--budget.entries < 0) throw tooMuch(pattern);
      const path = posix.join(at, name);
      if (isDirectory && !passedOver.has(name)) left.push(path);
      else if (isFile && matches(path)) found.push(path);
    }
  }
  return found.sort();
}

/** Links aren't followed: they may lead in a circle, or anywhere. */
async function entriesOf(directory: string) {
  const found: { name: string; isDirectory: boolean; isFile: boolean }[] = [];
  const opened = await opendir(directory).catch(() => undefined);
  if (opened === undefined) return found;
  for await (const entry of opened) {
    found.push({ name: entry.name, isDirectory: entry.isDirectory(), isFile: entry.isFile() });
    if (found.length > mostEntries) break;
  }
  return found;
}

async function addFile(hash: Hash, directory: string, file: string, budget: Budget): Promise<void> {
  const path = join(directory, file);
  const seen = await stat(path).catch(() => undefined);
  // What is no file (a pipe, a device) might never end.
  if (seen?.isFile() !== true) {
    hash.update(`${file}\0-\0`);
    return;
  }
  hash.update(`${file}\0${seen.size}\0`);
  budget.bytes -= Math.min(seen.size, mostOfFile);
  if (budget.bytes < 0) throw tooMuch(file);
  // A huge file is told by its time.
  const content =
    seen.size > mostOfFile ? undefined : await readRegularFile(path, seen.size).catch(() => undefined);
  hash.update(content?.kind === "bytes" ? content.bytes : `${seen.mtimeMs}\0`);
}

function leaves(pattern: string): DevlatchError {
  return new DevlatchError(
    "CONFIG_INVALID",
    `Inputs leave the directory that they are looked for in: ${pattern}.`,
    'Name files below it; a task may have a "cwd" above them.',
  );
}

function tooMuch(pattern: string): DevlatchError {
  return new DevlatchError(
    "CONFIG_INVALID",
    `These inputs are more than can be compared at each start (${mostEntries} files, ${mostBytes / 1024 / 1024} MB): ${pattern}.`,
    "Name only the files that matter.",
  );
}
