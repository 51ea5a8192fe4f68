import { scanOptions, valuesOf } from "./options.ts";
import type { Selection } from "./package-manager-command.ts";

/** Something that starts several commands or package scripts at once. */
export type Fleet =
  /** Command lines, each for a shell of its own. */
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  /** Scripts of the caller's own package; `*` stands for any part between colons. */
  | { readonly kind: "scripts"; readonly names: readonly string[] }
  /** The lines of a Procfile, or those of some names. */
  | { readonly kind: "procfile"; readonly file: string; readonly names: readonly string[] }
  /** Tasks of workspace packages. */
  | {
      readonly kind: "tasks";
      readonly tasks: readonly string[];
      readonly selection: Selection;
      /** What the task gets behind its own arguments, and all that is appended; absent where it gets nothing. */
      readonly args?: readonly string[];
    };

/** What `concurrently`, `npm-run-all`, `turbo`, `nx` or `lerna` start; undefined for any other program. */
export function readFleet(program: string, args: readonly string[]): Fleet | undefined {
  return runners.get(program)?.(args);
}

const runners = new Map<string, (args: readonly string[]) => Fleet | undefined>([
  ["concurrently", concurrently],
  ["conc", concurrently],
  ["npm-run-all", scripts],
  ["npm-run-all2", scripts],
  ["run-p", scripts],
  ["run-s", scripts],
  ["run-pty", runPty],
  ["foreman", procfile],
  ["overmind", procfile],
  ["hivemind", (args) => procfile(["start", ...args])],
  ["honcho", procfile],
  ["goreman", procfile],
  ["node-foreman", procfile],
  ["nf", procfile],
  ["turbo", turbo],
  ["nx", nx],
  ["lerna", lerna],
]);

/** Whether a program starts several commands or package scripts at once. */
export function isRunner(program: string): boolean {
  return runners.has(program);
}

const info = ["--help", "-h", "--version", "-v"];

const concurrentlyValues =
  "-n --names -c --prefix-colors -p --prefix -l --prefix-length -t --timestamp-format -m --max-processes --name-separator --restart-tries --restart-after --success -s --default-input-target --hide --teardown --kill-signal --cwd".split(
    " ",
  );

function concurrently(args: readonly string[]): Fleet | undefined {
  const scan = scanOptions(args, concurrentlyValues);
  if (info.some((flag) => scan.flags.has(flag))) return undefined;
  return {
    kind: "lines",
    lines: [...scan.positionals, ...(scan.flags.has("-P") ? [] : scan.rest)].map(expandShortcut),
  };
}

/** `npm:dev` is concurrently's short form of `npm run dev`. */
function expandShortcut(line: string): string {
  return line.replace(/^(npm|pnpm|yarn|bun|node):(?=\S)/, (_, manager: string) =>
    manager === "node" ? "node --run " : `${manager} run `,
  );
}

function scripts(args: readonly string[]): Fleet {
  const names = scanOptions(args, ["--max-parallel"]).positionals.map(
    (one) => one.trim().split(/\s+/)[0] ?? "",
  );
  return { kind: "scripts", names: names.filter((one) => one !== "") };
}

/** `run-pty % npm start % make watch`: the first argument is the separator. */
function runPty(args: readonly string[]): Fleet | undefined {
  const [separator, ...rest] = args;
  if (separator === undefined || separator.startsWith("-")) return undefined;
  const lines: string[][] = [[]];
  for (const one of rest) {
    if (one === separator) lines.push([]);
    else lines.at(-1)?.push(one);
  }
  return { kind: "lines", lines: lines.map((one) => one.join(" ")) };
}

function procfile(args: readonly string[]): Fleet | undefined {
  const scan = scanOptions(args, [
    "-f",
    "--procfile",
    "-e",
    "--env",
    "-p",
    "--port",
    "-c",
    "-m",
    "-d",
    "-l",
    "--title",
  ]);
  const [command, ...names] = scan.positionals;
  if (!["start", "s"].includes(command ?? "")) return undefined;
  const file = valuesOf(scan, "-f", "--procfile").at(-1) ?? "Procfile";
  return { kind: "procfile", file, names };
}

function turbo(args: readonly string[]): Fleet | undefined {
  const scan = scanOptions(args, ["--filter", "-F", "--cwd", "--concurrency", "--cache-dir", "--log-order"]);
  if (info.some((flag) => scan.flags.has(flag))) return undefined;
  const [first, ...others] = scan.positionals;
  const tasks = first === "run" || first === "watch" ? others : scan.positionals;
  return tasksOf(tasks, valuesOf(scan, "--filter", "-F"), valuesOf(scan, "--cwd").at(-1));
}

function nx(args: readonly string[]): Fleet | undefined {
  const options = "-t --target --targets -p --project --projects -c --configuration".split(" ");
  const scan = scanOptions(args, options);
  if (info.some((flag) => scan.flags.has(flag))) return undefined;
  const [verb = "", name] = scan.positionals;
  if (verb === "run-many" || verb === "affected") {
    const tasks = valuesOf(scan, "-t", "--target", "--targets").flatMap((one) => one.split(","));
    return tasksOf(
      tasks,
      valuesOf(scan, "-p", "--projects").flatMap((one) => one.split(",")),
    );
  }
  const handed = { args: scanOptions(args, options, 2).rest };
  if (verb !== "run")
    return { ...tasksOf([verb], name === undefined ? valuesOf(scan, "--project") : [name]), ...handed };
  const [project = "", task = ""] = (name ?? "").split(":");
  return { ...tasksOf([task], [project]), ...handed };
}

function lerna(args: readonly string[]): Fleet | undefined {
  const scan = scanOptions(args, ["--scope", "--ignore", "--concurrency"]);
  const [verb, ...tasks] = scan.positionals;
  return verb === "run" ? tasksOf(tasks, valuesOf(scan, "--scope")) : undefined;
}

function tasksOf(
  tasks: readonly string[],
  filters: readonly string[],
  directory?: string,
): Extract<Fleet, { kind: "tasks" }> {
  const selection = { filters, every: filters.length === 0, root: false };
  return {
    kind: "tasks",
    tasks,
    selection: directory === undefined ? selection : { ...selection, directory },
  };
}
