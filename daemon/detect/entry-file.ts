import { resolve } from "node:path";
import { isLanguage, readLanguage } from "./languages.ts";
import { scanOptions } from "./options.ts";
import { isRuntime, programName, readRuntime } from "./programs.ts";

/** The file that a command line runs, whatever runs it: `nodemon server.js` and `node ./server.js` have one. */
export interface EntryFile {
  /** Whose language it is in. */
  readonly language: string;
  /** Absolute, without what Node adds to a name by itself. */
  readonly path: string;
  /** What the file is told. */
  readonly args: readonly string[];
}

/** Programs that have a file run in the background; what stands behind `--` is the file's. */
const keepers = new Set(["pm2", "pm2-dev", "pm2-runtime", "forever"]);
const keepersValues =
  "-n --name -i --instances -o -e -l --log --error --output --uid -c -m --watch-delay".split(" ");

/**
 * The file that a command line runs; undefined where it runs none, or an installed program.
 * @param cwd absolute directory it runs in
 */
export function entryFile(words: readonly string[], cwd: string): EntryFile | undefined {
  const [first = "", ...args] = words;
  const program = programName(first);
  if (keepers.has(program)) return keptFile(args, cwd);
  if (program === "bun") return bunFile(args, cwd);
  const read = isRuntime(program) ? readRuntime(program, args) : readLanguage(program, args);
  if (read?.kind === "program" && isRuntime(program)) return entryFile(read.argv, cwd);
  if (read?.kind !== "file" || read.file === "[eval]") return undefined;
  if (isLanguage(program) && !args.includes(read.file)) return undefined;
  const language = isRuntime(program) || program === "deno" ? "javascript" : program.replace(/[\d.]+$/, "");
  return entry(language, cwd, read.file, args.slice(args.indexOf(read.file) + 1));
}

/** Whether a command ends once it has put a server into the background: what stands behind `&&` finds that one running. */
export function leavesBehind(words: readonly string[]): boolean {
  return words.includes("start") && words.some((word) => keepers.has(programName(word)));
}

/** `pm2 start server.js --name api -- --verbose` */
function keptFile(args: readonly string[], cwd: string): EntryFile | undefined {
  const { positionals, rest } = scanOptions(args, keepersValues);
  const file = positionals.find((word) => isFile(word));
  return file === undefined ? undefined : entry("javascript", cwd, file, rest);
}

/** `bun --hot run index.ts` */
function bunFile(args: readonly string[], cwd: string): EntryFile | undefined {
  const at = args.findIndex((word) => !word.startsWith("-") && word !== "run");
  const file = args[at];
  return file === undefined || !isFile(file) ? undefined : entry("javascript", cwd, file, args.slice(at + 1));
}

function isFile(word: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(word);
}

function entry(language: string, cwd: string, file: string, args: readonly string[]): EntryFile {
  const path = resolve(cwd, file.replaceAll("\0", ""));
  const known =
    language === "javascript" ? path.replace(/\.[cm]?[jt]sx?$/, "").replace(/[\\/]index$/, "") : path;
  return { language, path: known, args };
}

/** Whether two command lines run one file, and tell it the same. */
export function isSameEntry(one: EntryFile | undefined, other: EntryFile | undefined): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}

/** Programs that start what they are told again when a file changes, whose own words don't name it. */
const watchers = new Set(["nest", "tsc-watch", "node-dev", "supervisor"]);

/**
 * Whether a process starts another one again when a file of it changes: it runs the same file (`nodemon server.js`,
 * `node --watch server.js`), or is known for that.
 * @param words of the one that would start it
 * @param started words of what it started, in the same directory
 */
export function startsAgain(words: readonly string[], started: readonly string[], cwd: string): boolean {
  const [first = "", ...args] = words;
  const read = readRuntime(programName(first), args);
  const program = programName(read?.kind === "program" ? (read.argv[0] ?? "") : first);
  return watchers.has(program) || isSameEntry(entryFile(words, cwd), entryFile(started, cwd));
}
