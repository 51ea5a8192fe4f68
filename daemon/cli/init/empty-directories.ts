import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import * as z from "zod";
import { requireBelieved } from "../../../shared/base/believed-path.ts";
import { readRegularFileSync } from "../../../shared/base/regular-file.ts";
import { makeHome } from "../../../shared/client/believed-home.ts";
import type { Home } from "../../../shared/client/home.ts";
import type { Change } from "./plan.ts";

/**
 * Directories by repository that were there and empty when init made files in them. It is the one thing that can't be seen in
 * the files themselves; without it `--remove` takes an empty directory for one that init made.
 */
const Kept = z.record(z.string(), z.array(z.string()).max(100));
type Kept = z.infer<typeof Kept>;

/** The empty directories that files are about to be made in, relative to the repository. */
export function emptyDirectories(base: string, changes: readonly Change[]): readonly string[] {
  const made = changes.filter(({ before, after }) => before === undefined && after !== undefined);
  const nearest = made.map(({ file }) => {
    let at = dirname(file);
    while (at !== base && !existsSync(at) && at !== dirname(at)) at = dirname(at);
    return at;
  });
  const empty = [...new Set(nearest)].filter((at) => at !== base && readdirSync(at).length === 0);
  return empty.map((at) => relative(base, at));
}

/** Those that are to stay in a repository when they are empty again. A record that can't be read says nothing. */
export function keptDirectories(home: Home, base: string): readonly string[] {
  const kept = read(home);
  return Object.hasOwn(kept, base) ? (kept[base] ?? []) : [];
}

/**
 * Notes them; none forgets the repository.
 * @throws DevlatchError `UNSAFE_PATH`; an error of the file system
 */
export function keepDirectories(home: Home, base: string, directories: readonly string[]): void {
  const { [base]: before = [], ...others } = read(home);
  if (before.length === 0 && directories.length === 0) return;
  const kept: Kept = directories.length === 0 ? others : { ...others, [base]: [...directories] };
  if (Object.keys(kept).length === 0) {
    rmSync(home.initFile, { force: true });
    return;
  }
  makeHome(home);
  const temporary = `${home.initFile}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(kept), { mode: 0o600 });
  renameSync(temporary, home.initFile);
}

function read({ initFile }: Home): Kept {
  try {
    requireBelieved(initFile, "file");
    const found = readRegularFileSync(initFile);
    if (found.kind !== "bytes") return {};
    return Kept.parse(JSON.parse(new TextDecoder().decode(found.bytes)));
  } catch {
    return {};
  }
}
