import type { PackageManager } from "../../shared/model/app.ts";
import { type ScannedOptions, scanOptions, valuesOf } from "./options.ts";

/** Which packages a package manager is told to work in. */
export interface Selection {
  /** As written, relative to the directory of the call. */
  readonly directory?: string;
  /** Names, paths or globs of workspace packages. */
  readonly filters: readonly string[];
  readonly every: boolean;
  readonly root: boolean;
}

/** What a call of a package manager stands for. */
export type PackageManagerCommand =
  | {
      readonly kind: "script";
      readonly manager: PackageManager;
      readonly script: string;
      readonly args: readonly string[];
      readonly selection: Selection;
      /** Run instead where no such script exists (`yarn vite`). */
      readonly program?: readonly string[];
      /** Goes before further arguments that are meant for the script. */
      readonly separator: readonly string[];
    }
  | {
      readonly kind: "program";
      readonly manager: PackageManager;
      readonly argv: readonly string[];
      readonly selection: Selection;
      readonly separator: readonly string[];
    }
  | { readonly kind: "shell"; readonly manager: PackageManager; readonly line: string };

/** Reads the arguments of `npm`, `npx`, `pnpm`, `pnpx`, `yarn`, `bun` or `bunx`. */
export function readPackageManagerCommand(
  program: string,
  args: readonly string[],
): PackageManagerCommand | undefined {
  return readers.get(program)?.(args);
}

const readers = new Map<string, (args: readonly string[]) => PackageManagerCommand | undefined>([
  ["npm", readNpm],
  ["npx", (args) => readNpx("npm", args)],
  ["pnpm", (args) => readPnpm(args)],
  ["pnpx", (args) => readNpx("pnpm", args)],
  ["yarn", (args) => readYarn(args, nowhere)],
  ["yarnpkg", (args) => readYarn(args, nowhere)],
  ["bun", readBun],
  ["bunx", (args) => readNpx("bun", args)],
]);

const nowhere: Selection = { filters: [], every: false, root: false };

const npmValues = [
  "--prefix",
  "-C",
  "--workspace",
  "-w",
  "--package",
  "-p",
  "--call",
  "-c",
  "--loglevel",
  "--registry",
  "--cache",
  "--userconfig",
  "--script-shell",
];

/** npm takes its own options anywhere before `--`; options it doesn't know never reach the script either. */
function readNpm(args: readonly string[]): PackageManagerCommand | undefined {
  const scan = scanOptions(args, npmValues);
  const [verb = "", ...positionals] = scan.positionals;
  if (asksForInfo(scan)) return undefined;
  const selection = select(scan, {
    directory: ["--prefix", "-C"],
    filters: ["--workspace", "-w"],
    every: ["--workspaces", "-ws"],
  });
  if (["exec", "x"].includes(verb)) {
    const [line] = valuesOf(scan, "--call", "-c");
    if (line !== undefined) return { kind: "shell", manager: "npm", line };
    const argv = [...positionals, ...scan.rest];
    return { kind: "program", manager: "npm", argv, selection, separator: scan.dashes ? [] : ["--"] };
  }
  const named = ["run", "run-script", "rum", "urn"].includes(verb);
  const script = named ? positionals[0] : verb === "start" ? verb : undefined;
  if (script === undefined) return undefined;
  return {
    kind: "script",
    manager: "npm",
    script,
    args: [...positionals.slice(named ? 1 : 0), ...scan.rest],
    selection,
    separator: scan.dashes ? [] : ["--"],
  };
}

const npxValues = [
  "--package",
  "-p",
  "--call",
  "-c",
  "--workspace",
  "-w",
  "--prefix",
  "--registry",
  "--cache",
];

/** `npx`, `bunx`, `pnpm dlx`, `yarn dlx`: options of their own, then the program and its arguments. */
function readNpx(manager: PackageManager, args: readonly string[]): PackageManagerCommand | undefined {
  const scan = scanOptions(args, npxValues, 1);
  const [line] = valuesOf(scan, "--call", "-c");
  if (line !== undefined && manager === "npm") return { kind: "shell", manager, line };
  if (asksForInfo(scan)) return undefined;
  const argv = [...scan.positionals, ...scan.rest];
  const filters = valuesOf(scan, "--workspace", "-w");
  return { kind: "program", manager, argv, selection: { ...nowhere, filters }, separator: [] };
}

const pnpmValues = ["--dir", "-C", "--filter", "-F", "--filter-prod", "--reporter", "--loglevel"];
const pnpmOwn = new Set(
  "add approve-builds audit bin cat-file cat-index config create dedupe deploy doctor env fetch i import init install install-test it licenses link list ll ln ls outdated pack patch patch-commit patch-remove prune publish rb rebuild remove rm root self-update server setup store t test un uninstall unlink up update upgrade why".split(
    " ",
  ),
);

function readPnpm(args: readonly string[], outer: Selection = nowhere): PackageManagerCommand | undefined {
  const scan = scanOptions(args, pnpmValues, 1);
  const verb = scan.positionals[0] ?? "";
  if (asksForInfo(scan)) return undefined;
  const selection = select(
    scan,
    {
      directory: ["--dir", "-C"],
      filters: ["--filter", "-F", "--filter-prod"],
      every: ["-r", "--recursive"],
      root: ["-w", "--workspace-root"],
    },
    outer,
  );
  if (["recursive", "multi", "m"].includes(verb)) return readPnpm(scan.rest, { ...selection, every: true });
  if (verb === "dlx") return readNpx("pnpm", scan.rest);
  if (["run", "run-script", "exec"].includes(verb)) return readPnpmVerb(verb, scan.rest, selection);
  if (verb === "" || pnpmOwn.has(verb)) return undefined;
  return scriptOrProgram("pnpm", [verb, ...scan.rest], selection);
}

/** Options may also stand between `run` and the script: `pnpm run --filter web dev`. */
function readPnpmVerb(
  verb: string,
  args: readonly string[],
  selection: Selection,
): PackageManagerCommand | undefined {
  const scan = scanOptions(args, pnpmValues, 1);
  const name = scan.positionals[0] ?? (scan.dashes ? scan.rest[0] : undefined);
  if (name === undefined || asksForInfo(scan)) return undefined;
  const rest = scan.positionals.length > 0 ? scan.rest : scan.rest.slice(1);
  const inner = select(
    scan,
    { directory: ["--dir", "-C"], filters: ["--filter", "-F"], every: ["-r", "--recursive"] },
    selection,
  );
  return verb === "exec"
    ? { kind: "program", manager: "pnpm", argv: [name, ...rest], selection: inner, separator: [] }
    : { kind: "script", manager: "pnpm", script: name, args: rest, selection: inner, separator: [] };
}

const yarnOwn = new Set(
  "add audit autoclean bin cache check config constraints create dedupe explain generate-lock-entry global help import info init install licenses link list login logout npm outdated owner pack patch patch-commit plugin policies publish rebuild remove search set stage tag team test unlink unplug up upgrade upgrade-interactive version versions why".split(
    " ",
  ),
);

function readYarn(args: readonly string[], outer: Selection): PackageManagerCommand | undefined {
  const scan = scanOptions(args, ["--cwd"], 1);
  const verb = scan.positionals[0] ?? "";
  if (asksForInfo(scan)) return undefined;
  const selection = select(scan, { directory: ["--cwd"] }, outer);
  switch (verb) {
    case "workspace": {
      const [name, ...rest] = scan.rest;
      return name === undefined ? undefined : readYarn(rest, { ...selection, filters: [name] });
    }
    case "workspaces": {
      const run = scan.rest.indexOf("run");
      return run < 0 ? undefined : readYarn(scan.rest.slice(run), { ...selection, every: true });
    }
    case "dlx":
      return readNpx("yarn", scan.rest);
    case "exec":
    case "run": {
      const inner = scanOptions(scan.rest, [], 1);
      const [name] = inner.positionals;
      if (name === undefined) return undefined;
      return verb === "exec"
        ? { kind: "program", manager: "yarn", argv: [name, ...inner.rest], selection, separator: [] }
        : scriptOrProgram("yarn", [name, ...inner.rest], selection);
    }
    default:
      if (verb === "" || yarnOwn.has(verb)) return undefined;
      return scriptOrProgram("yarn", [verb, ...scan.rest], selection);
  }
}

const bunValues = ["--cwd", "--filter", "-F", "--config", "-c", "--env-file", "--preload", "-r", "--port"];
const bunOwn = new Set(
  "a add audit build c completions create exec feedback getcompletes help i info init install link list outdated patch patch-commit pm publish remove repl rm test unlink up update upgrade why".split(
    " ",
  ),
);

function readBun(args: readonly string[]): PackageManagerCommand | undefined {
  const scan = scanOptions(args, bunValues, 1);
  const verb = scan.positionals[0] ?? "";
  if (asksForInfo(scan)) return undefined;
  const names = { directory: ["--cwd"], filters: ["--filter", "-F"] };
  const selection = select(scan, names);
  if (verb === "x") return readNpx("bun", scan.rest);
  if (verb === "run") {
    const inner = scanOptions(scan.rest, bunValues, 1);
    const [name] = inner.positionals;
    if (name === undefined || asksForInfo(inner)) return undefined;
    return scriptOrProgram("bun", [name, ...inner.rest], select(inner, names, selection));
  }
  if (verb === "" || bunOwn.has(verb)) return undefined;
  return scriptOrProgram("bun", [verb, ...scan.rest], selection);
}

/** A name without a verb: the script of that name, else an installed program, for bun also a file. */
function scriptOrProgram(
  manager: PackageManager,
  argv: readonly string[],
  selection: Selection,
): PackageManagerCommand {
  const [script = "", ...args] = argv;
  const isFile = manager === "bun" && /\.(?:[cm]?[jt]sx?|html)$/.test(script);
  const program = isFile ? ["node", ...argv] : argv;
  return { kind: "script", manager, script, args, selection, program, separator: [] };
}

/** `--help` before the script's name is the package manager's own. */
function asksForInfo(scan: ScannedOptions): boolean {
  return ["--help", "-h", "--version", "-v"].some((flag) => scan.flags.has(flag));
}

function select(
  scan: ScannedOptions,
  names: { directory?: string[]; filters?: string[]; every?: string[]; root?: string[] },
  outer: Selection = nowhere,
): Selection {
  const directory = valuesOf(scan, ...(names.directory ?? [])).at(-1) ?? outer.directory;
  return {
    filters: [...outer.filters, ...valuesOf(scan, ...(names.filters ?? []))],
    every: outer.every || (names.every ?? []).some((flag) => scan.flags.has(flag)),
    root: outer.root || (names.root ?? []).some((flag) => scan.flags.has(flag)),
    ...(directory === undefined ? {} : { directory }),
  };
}

/** `node --run SCRIPT`, as if `npm run` were written. */
export function nodeRun(script: string, args: readonly string[]): PackageManagerCommand {
  const selection: Selection = { filters: [], every: false, root: false };
  return { kind: "script", manager: "npm", script, args, selection, separator: ["--"] };
}
