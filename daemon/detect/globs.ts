import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Directories looked at for one set of patterns, at most: `**` in a huge tree must not hang a status bar. */
const maxDirectories = 20_000;

/**
 * The directories below `root` that workspace globs name, in the order of paths: `*`, `**`, `?`, `[…]` and `{a,b}`,
 * `!` excludes. `node_modules` and hidden directories are never entered, as with the package managers themselves.
 */
export async function expandDirectories(root: string, patterns: readonly string[]): Promise<string[]> {
  const includes = patterns.filter((one) => !one.startsWith("!")).flatMap(expandBraces);
  const excludes = patterns.filter((one) => one.startsWith("!")).flatMap((one) => expandBraces(one.slice(1)));
  const found = new Set<string>();
  const walk = new Walk(root);
  for (const pattern of includes) await walk.descend("", segmentsOf(pattern), found);
  return [...found].filter((path) => !excludes.some((pattern) => matchesPath(path, pattern))).sort();
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
    if (segment === "**") {
      await this.descend(path, rest, found);
      for (const name of await this.#children(path)) await this.descend(below(path, name), segments, found);
    } else if (/[*?[]/.test(segment)) {
      for (const name of await this.#children(path)) {
        if (matchesName(name, segment)) await this.descend(below(path, name), rest, found);
      }
    } else {
      await this.descend(below(path, segment), rest, found);
    }
  }

  async #children(path: string): Promise<string[]> {
    this.#left -= 1;
    if (this.#left < 0) return [];
    try {
      const entries = await readdir(join(this.#root, path), { withFileTypes: true });
      return entries
        .filter(
          (entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."),
        )
        .map((entry) => entry.name);
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

/** `{a,b}/c` → `a/c`, `b/c` */
function expandBraces(pattern: string): string[] {
  const found = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (found === null) return [pattern];
  const before = pattern.slice(0, found.index);
  const after = pattern.slice(found.index + found[0].length);
  return (found[1] ?? "").split(",").flatMap((choice) => expandBraces(before + choice + after));
}

/** Whether a name without slashes fits a pattern with `*`, `?` and `[…]`. */
export function matchesName(name: string, pattern: string): boolean {
  return toRegExp(pattern).test(name);
}

function matchesPath(path: string, pattern: string): boolean {
  return toRegExp(segmentsOf(pattern).join("/")).test(path);
}

function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(
    /\*\*\/|\/\*\*|\*\*|\*|\?|\[[^\]/]+\]|[\\^$.|+(){}[\]]/g,
    (part) => globParts.get(part) ?? (part.length > 1 ? part.replace(/^\[!/, "[^") : `\\${part}`),
  );
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return /^(?!)/;
  }
}

const globParts = new Map([
  ["**/", "(?:.*/)?"],
  ["/**", "(?:/.*)?"],
  ["**", ".*"],
  ["*", "[^/]*"],
  ["?", "[^/]"],
]);
