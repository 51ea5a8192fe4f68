import { opendir } from "node:fs/promises";
import { join } from "node:path";
import picomatch from "picomatch";
import { hasCode } from "../../shared/base/errors.ts";
import type { Budget } from "./budget.ts";
import { invalidFile } from "./problem.ts";

/** Entries of a directory that are read at a time. */
const entriesAtOnce = 500;
/** Patterns that the braces of one may make, at most: `{a,b}` thirty times over makes a thousand million. */
const maxAlternatives = 1_000;
/**
 * Ways to share a name out among a pattern's stars that may have to be tried: its length to the power of their number.
 */
const maxWays = 1_000_000;

/** Longest pattern, in characters: as long as paths are. */
const longestPattern = 1_000;

/** `[!a]` is "not a", as with package managers; brackets of directories like `(group)` are theirs. */
const dialect = { noextglob: true, nonegate: true, posix: true, windows: false } as const;

/**
 * The directories below `root` that workspace globs name, in the order of paths. Of the patterns that fit a directory
 * the last one counts: `!` takes out what was named before. Nothing in `node_modules`, and nothing hidden that isn't
 * named with its dot, as with the package managers themselves.
 * @param file where the patterns are written
 * @param budget what looking may cost
 * @throws DevlatchError `CONFIG_INVALID` for a pattern that is too wide
 */
export async function expandDirectories(
  root: string,
  patterns: readonly string[],
  file: string,
  budget: Budget,
): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const walk = new Walk(root, pattern, file, budget);
    const isExcluding = pattern.startsWith("!");
    const alternatives = expandBraces(isExcluding ? pattern.slice(1) : pattern);
    if (alternatives === undefined) throw tooManyAlternatives(file, pattern);
    for (const one of alternatives) {
      const segments = segmentsOf(one);
      await walk.pay(1);
      if (!isExcluding) await walk.descend("", segments, found);
      else {
        await walk.pay(found.size);
        for (const path of [...found].filter(matcher(segments.join("/"), true))) found.delete(path);
      }
    }
  }
  return [...found].sort();
}

function tooManyAlternatives(file: string, pattern: string) {
  const what = `has a pattern that stands for more than ${maxAlternatives} others: ${shown(pattern)}`;
  return invalidFile(file, what, "Write it with fewer braces.");
}

/** As much of a pattern as tells it from others. */
function shown(pattern: string): string {
  return JSON.stringify(pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern);
}

/** Whether a name fits a pattern; `*` stands for no slash. */
export function matchesName(name: string, pattern: string): boolean {
  return (expandBraces(pattern) ?? []).some((one) => matcher(one, true)(name));
}

class Walk {
  readonly #root: string;
  readonly #pattern: string;
  readonly #file: string;
  readonly #budget: Budget;

  constructor(root: string, pattern: string, file: string, budget: Budget) {
    this.#root = root;
    this.#pattern = pattern;
    this.#file = file;
    this.#budget = budget;
  }

  pay(entries: number): Promise<void> {
    return this.#budget.spend(entries, () => ({
      file: this.#file,
      what: `names too much with the pattern ${shown(this.#pattern)}`,
      remedy: "Name the directories of the packages more narrowly, e.g. packages/* instead of **.",
    }));
  }

  async descend(path: string, segments: readonly string[], found: Set<string>): Promise<void> {
    await this.pay(1);
    const [segment, ...rest] = segments;
    if (segment === undefined) {
      found.add(path);
      return;
    }
    if (segment === "**") await this.descend(path, rest, found);
    if (!/[*?[{]/.test(segment)) return this.descend(below(path, segment), rest, found);
    const names = (await this.#children(path)).filter(matcher(segment, false));
    for (const name of names)
      await this.descend(below(path, name), segment === "**" ? segments : rest, found);
  }

  /** None of a directory that can't be read. */
  async #children(path: string): Promise<string[]> {
    const names: string[] = [];
    try {
      for await (const entry of await opendir(join(this.#root, path), { bufferSize: entriesAtOnce })) {
        await this.pay(1);
        if (entry.isDirectory() && entry.name !== "node_modules") names.push(entry.name);
      }
    } catch (error) {
      if (hasCode(error, "CONFIG_INVALID")) throw error;
      return [];
    }
    return names;
  }
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

function segmentsOf(pattern: string): string[] {
  return pattern.split("/").filter((segment) => segment !== "" && segment !== ".");
}

/** `{a,b}/c` → `a/c`, `b/c`: the walk needs patterns whose slashes part directories. Undefined for too many. */
function expandBraces(pattern: string): readonly string[] | undefined {
  let patterns = [pattern];
  while (patterns.length <= maxAlternatives) {
    const next = patterns.flatMap(expandFirst);
    if (next.length === patterns.length) return patterns;
    patterns = next;
  }
  return undefined;
}

function expandFirst(pattern: string): string[] {
  const found = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (found === null) return [pattern];
  const [braces, choices = ""] = found;
  const after = pattern.slice(found.index + braces.length);
  return choices.split(",").map((choice) => pattern.slice(0, found.index) + choice + after);
}

/** @param hidden whether wildcards stand for names with a dot in front, too */
function matcher(pattern: string, hidden: boolean): (text: string) => boolean {
  // What the last star leaves needs no second try.
  const stars = pattern.replace(/\*+$/, "").match(/\*+/g)?.length ?? 0;
  const fits = compile(pattern, hidden);
  return (text) => text.length ** stars <= maxWays && fits(text);
}

function compile(pattern: string, hidden: boolean): (text: string) => boolean {
  // No directory is called so, and picomatch never comes to the end of some of these.
  if (pattern.length > longestPattern || /\\{3}|\\$/.test(pattern)) return () => false;
  try {
    return picomatch(pattern, { ...dialect, dot: hidden });
  } catch {
    // Longer than any path.
    return () => false;
  }
}
