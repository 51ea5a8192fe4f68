import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** One import of one source file. */
export interface Import {
  /** The importing file, relative to the repository. */
  readonly from: string;
  readonly line: number;
  /** What stands in the quotes. */
  readonly specifier: string;
  /** The imported file, relative to the repository; undefined for a package. */
  readonly file: string | undefined;
  /** Name of the imported package, or `node:…`; undefined for a file. */
  readonly package: string | undefined;
  /** Whether only types are imported: nothing is left of it at run time. */
  readonly typeOnly: boolean;
  /** Whether it is loaded when that line is run, with `import()`. */
  readonly later: boolean;
}

/** Every source file of these folders, relative to the repository. */
export function sourceFiles(repository: string, folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx,mts,cts}`, { cwd: repository }))
    .filter((file) => !file.includes("node_modules"))
    .sort();
}

/** The imports a file really has: static, re-exported, dynamic, of types, and `require`. */
export function importsOf(repository: string, file: string): Import[] {
  const source = blankComments(readFileSync(join(repository, file), "utf8"));
  return patterns.flatMap((pattern) =>
    [...source.matchAll(pattern)].map((match): Import => {
      const specifier = match.groups?.["specifier"] ?? "";
      const line = source.slice(0, match.index + match[0].length).split("\n").length;
      const typeOnly = match.groups?.["type"] !== undefined;
      const later = /^import\s*\(/.test(match[0]);
      return { from: file, line, specifier, typeOnly, later, ...target(repository, file, specifier) };
    }),
  );
}

const quoted = `["'](?<specifier>[^"'\\n]+)["']`;

/** The formatter keeps statements in these shapes, at the start of a line; dynamic imports may be anywhere. */
const patterns = [
  new RegExp(`^\\s*import\\s+(?<type>type\\s+)?(?:[\\w$*{},\\s]+?\\s+from\\s+)?${quoted}`, "gm"),
  new RegExp(
    `^\\s*export\\s+(?<type>type\\s+)?(?:\\*(?:\\s+as\\s+\\w+)?|\\{[^}]*\\})\\s+from\\s+${quoted}`,
    "gm",
  ),
  new RegExp(`(?<![\\w.$])(?:import|require|require\\.resolve)\\(\\s*${quoted}`, "g"),
  new RegExp(`(?<type>\\btypeof\\s+)import\\(\\s*${quoted}`, "g"),
];

function target(repository: string, from: string, specifier: string): Pick<Import, "file" | "package"> {
  if (!specifier.startsWith(".")) return { file: undefined, package: packageName(specifier) };
  const path = resolve(repository, dirname(from), specifier);
  const real = [path, `${path}.ts`, join(path, "index.ts")].find(
    (one) => /\.\w+$/.test(one) && existsSync(one),
  );
  return { file: relative(repository, real ?? path), package: undefined };
}

function packageName(specifier: string): string {
  const builtin = specifier.replace(/^node:/, "");
  if (specifier.startsWith("node:") || builtinModules.has(builtin)) return `node:${builtin}`;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

const builtinModules = new Set([
  "child_process",
  "cluster",
  "fs",
  "http",
  "net",
  "os",
  "path",
  "process",
  "util",
]);

/** Comments become blanks, so that lines keep their numbers; strings stay. */
function blankComments(source: string): string {
  const tokens = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return source.replace(tokens, (token) => (/^\/[/*]/.test(token) ? token.replace(/[^\n]/g, " ") : token));
}
