import { readdir } from "node:fs/promises";
import { join } from "node:path";
import picomatch from "picomatch";

/** Directories looked at for one set of patterns, at most: `**` in a huge tree must not hang a status bar. */
const maxDirectories = 20_000;
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
 */
export async function expandDirectories(root: string, patterns: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  const walk = new Walk(root);
  for (const pattern of patterns) {
    const isExcluding = pattern.startsWith("!");
    for (const one of expandBraces(isExcluding ? pattern.slice(1) : pattern)) {
      const segments = segmentsOf(one);
      if (!isExcluding) await walk.descend("", segments, found);
      else for (const path of [...found].filter(matcher(segments.join("/"), true))) found.delete(path);
    }
  }
  return [...found].sort();
}

/** Whether a name fits a pattern; `*` stands for no slash. */
export function matchesName(name: string, pattern: string): boolean {
  return expandBraces(pattern).some((one) => matcher(one, true)(name));
}

class Walk {
  readonly #root: string;
  #left = maxDirectories;

  constructor(root: string) {
    this.#root = root;
  }

  async descend(path: string, segments: readonly string[], found: Set<string>): Promise<void> {
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

  async #children(path: string): Promise<string[]> {
    this.#left -= 1;
    if (this.#left < 0) return [];
    try {
      const entries = await readdir(join(this.#root, path), { withFileTypes: true });
      return entries
        .filter((one) => one.isDirectory() && one.name !== "node_modules")
        .map(({ name }) => name);
    } catch {
      return [];
    }
  }
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

function segmentsOf(pattern: string): string[] {
  return pattern.split("/").filter((segment) => segment !== "" && segment !== ".");
}

/** `{a,b}/c` → `a/c`, `b/c`: the walk needs patterns whose slashes part directories. Too many are none. */
function expandBraces(pattern: string): readonly string[] {
  let patterns = [pattern];
  while (patterns.length <= maxAlternatives) {
    const next = patterns.flatMap(expandFirst);
    if (next.length === patterns.length) return patterns;
    patterns = next;
  }
  return [];
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
