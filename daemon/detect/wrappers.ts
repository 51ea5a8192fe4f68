import { scanOptions, valuesOf } from "./options.ts";
import { takeAssignments } from "./shell-list.ts";

/** What a program that only starts another one starts: the other's argv and variables, or a line for a shell. */
export type Wrapped =
  | {
      readonly kind: "argv";
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: "line"; readonly line: string; readonly env: Readonly<Record<string, string>> };

/** Whether a program runs the lines of shells. */
export function isShell(program: string): boolean {
  return shells.includes(program);
}

/** The command inside `env`, `cross-env`, `dotenv --`, `sh -c` and their like; undefined for any other program. */
export function unwrap(program: string, args: readonly string[]): Wrapped | undefined {
  return wrappers.get(program)?.(args);
}

type Unwrap = (args: readonly string[]) => Wrapped | undefined;

const shells = ["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "nu"];
const optionsThenCommand = [
  "exec",
  "nohup",
  "command",
  "time",
  "setsid",
  "stdbuf",
  "caffeinate",
  "arch",
  "winpty",
  "nice",
  "sudo",
  "doas",
  "ionice",
  "unbuffer",
  "corepack",
  "chronic",
  "dbus-run-session",
];
const afterDashes = [
  "dotenvx",
  "doppler",
  "infisical",
  "op",
  "chamber",
  "aws-vault",
  "varlock",
  "portless",
  "with-env",
  "dotenv-flow",
  "mise",
  "volta",
];

const wrappers = new Map<string, Unwrap>([
  ["devlatch", ownCommand],
  ["env", (args) => assigned(scanned(args, ["-u", "--unset", "-C", "--chdir"]))],
  ["cross-env", assigned],
  ["cross-env-shell", crossEnvShell],
  // The value of its `-c` may be left out.
  ["dotenv", (args) => dashed(args) ?? assigned(scanned(args, ["-e", "-v", "-p", "-c"]))],
  ["timeout", (args) => assigned(scanned(args, ["-k", "--kill-after", "-s", "--signal"]).slice(1))],
  ["direnv", (args) => (args[0] === "exec" ? assigned(args.slice(2)) : undefined)],
  ["fnm", (args) => (args[0] === "exec" ? assigned(scanned(args.slice(1), ["--using"])) : undefined)],
  ["eval", (args) => ({ kind: "line", line: args.join(" "), env: {} })],
  ["nix", (args) => afterOption(args, ["-c", "--command"])],
  ["nix-shell", (args) => lineOf(args, ["--run", "--command"])],
  // `sops exec-env secrets.yaml 'next dev'`
  [
    "sops",
    (args) => (args[0] === "exec-env" ? { kind: "line", line: args.at(-1) ?? "", env: {} } : undefined),
  ],
  ["xvfb-run", (args) => assigned(scanned(args, ["-n", "-e", "-f", "-l", "-p", "-s", "-w"]))],
  ["strace", (args) => assigned(scanned(args, ["-e", "-o", "-p", "-s", "-E", "-P"]))],
  ["bundle", (args) => (args[0] === "exec" ? assigned(args.slice(1)) : undefined)],
  ...["uv", "poetry", "pipenv", "pdm", "hatch", "rye", "pixi"].map((name): [string, Unwrap] => [name, ranBy]),
  // A program of its own, with another port; what it runs behind `--` is served through it.
  ["wrangler", (args) => (args[0] === "pages" ? assigned(["wrangler-pages", ...args.slice(1)]) : undefined)],
  ["tsc-watch", onSuccess],
  ["tsup", onSuccess],
  ["tsdown", onSuccess],
  ["webpack-dev-server", (args) => assigned(["webpack", "serve", ...args])],
  ["start-storybook", (args) => assigned(["storybook", "dev", ...args])],
  ["vp", (args) => (args[0] === "dev" ? assigned(["vite", ...args]) : undefined)],
  ["tmux", tmux],
  ["screen", screen],
  ["script", scriptLine],
  ["watch", (args) => ({ kind: "line", line: scanned(args, ["-n", "--interval"]).join(" "), env: {} })],
  ["env-cmd", (args) => assigned(scanned(args, ["-f", "--file", "-e", "--environments", "-r", "--rc-file"]))],
  ...shells.map((name): [string, Unwrap] => [name, shellLine]),
  ["cmd", (args) => windowsLine(args)],
  ["powershell", powerShellLine],
  ["pwsh", powerShellLine],
  ...optionsThenCommand.map((name): [string, Unwrap] => [name, (args) => assigned(scanned(args, ["-n"]))]),
  ...afterDashes.map((name): [string, Unwrap] => [name, dashed]),
]);

/** `PORT=4000 next dev`, `$(cat .env) next dev`: what is put in there are assignments, as far as anyone can know. */
function assigned(args: readonly string[]): Wrapped {
  const { env, words } = takeAssignments(args);
  const [first, ...others] = words;
  if (first === undefined || !/^(?:\$\(|`)/.test(first)) return { kind: "argv", argv: words, env };
  const inner = assigned(others);
  return { ...inner, env: { ...env, ...inner.env } };
}

/** Leaves out the wrapper's own options, and a `--` that ends them. */
function scanned(args: readonly string[], valueOptions: readonly string[]): readonly string[] {
  // `FOO=1` is a positional for the scan, so it ends there with the assignments still in front.
  const scan = scanOptions(args, valueOptions, 1);
  return [...scan.positionals, ...scan.rest];
}

function dashed(args: readonly string[]): Wrapped | undefined {
  const at = args.indexOf("--");
  return at < 0 ? commandOption(args) : assigned(args.slice(at + 1));
}

/** `devlatch dev -- next dev`, `devlatch with db -- next dev`; without a command it would start what this is a part of. */
function ownCommand(args: readonly string[]): Wrapped {
  const verb = args.find((arg) => !arg.startsWith("-"));
  const inner = verb === "dev" || verb === "with" ? dashed(args) : undefined;
  return inner ?? { kind: "argv", argv: [], env: {} };
}

/** `doppler run --command="next dev"` */
function commandOption(args: readonly string[]): Wrapped | undefined {
  return lineOf(args, ["--command"]);
}

/** The line for a shell that one of these options has. */
function lineOf(args: readonly string[], options: readonly string[]): Wrapped | undefined {
  const [line] = valuesOf(scanOptions(args, options), ...options);
  return line === undefined ? undefined : { kind: "line", line, env: {} };
}

/** `uv run --with uvicorn uvicorn main:app` */
function ranBy(args: readonly string[]): Wrapped | undefined {
  const options = "--with --python -p --env-file --extra --group --directory --project --package -e -C".split(
    " ",
  );
  const scan = scanOptions(args, options, 1);
  return scan.positionals[0] === "run" ? assigned(scanned(scan.rest, options)) : undefined;
}

function afterOption(args: readonly string[], options: readonly string[]): Wrapped | undefined {
  const at = args.findIndex((arg) => options.includes(arg));
  return at < 0 ? undefined : assigned(args.slice(at + 1));
}

/** What builders start once they have built; they serve nothing themselves. */
function onSuccess(args: readonly string[]): Wrapped | undefined {
  return lineOf(args, ["--onSuccess", "--on-success"]);
}

/**
 * The command inside a program that isn't known: behind `--`, else from the first program of a framework on. A word behind
 * an option is that option's value.
 * @param isKnown whether a word is such a program
 */
export function innerCommand(
  args: readonly string[],
  isKnown: (word: string) => boolean,
): readonly string[] | undefined {
  const dashes = args.indexOf("--");
  if (dashes >= 0) return args.slice(dashes + 1);
  const at = args.findIndex((arg, index) => isKnown(arg) && !(args[index - 1] ?? "").startsWith("-"));
  return at < 0 ? undefined : args.slice(at);
}

function crossEnvShell(args: readonly string[]): Wrapped {
  const { env, words } = takeAssignments(args);
  return { kind: "line", line: words.join(" "), env };
}

/** `sh -c LINE`, `bash -lc LINE`; a script file isn't looked into. */
function shellLine(args: readonly string[]): Wrapped | undefined {
  const at = args.findIndex((arg) => /^-[a-z]*c[a-z]*$/i.test(arg));
  const line = at < 0 ? undefined : args[at + 1];
  return line === undefined ? undefined : { kind: "line", line, env: {} };
}

/** `tmux new -d -s dev 'npm run dev'`, `tmux send-keys -t dev 'npm run dev' Enter` */
function tmux(args: readonly string[]): Wrapped | undefined {
  const scan = scanOptions(args, ["-L", "-S", "-f"], 1);
  const [verb = ""] = scan.positionals;
  if (!/^(?:new|new-session|neww|new-window|splitw|split-window|send|send-keys|respawn-pane)$/.test(verb))
    return undefined;
  const keys = scanned(scan.rest, "-s -n -c -t -x -y -e -F -l -p -N".split(" "));
  const words = verb.startsWith("send") ? keys.filter((key) => !/^(?:Enter|C-m|KPEnter)$/.test(key)) : keys;
  return { kind: "line", line: words.join(" "), env: {} };
}

/** `screen -dmS dev npm run dev` */
function screen(args: readonly string[]): Wrapped {
  const named = args.filter((arg) => /^-\w*S$/.test(arg));
  return assigned(scanned(args, [...named, "-c", "-e", "-h", "-p", "-s", "-t", "-T"]));
}

/** `script -qc 'npm run dev' /dev/null` */
function scriptLine(args: readonly string[]): Wrapped | undefined {
  return shellLine(args.map((arg) => (arg === "--command" ? "-c" : arg)));
}

function windowsLine(args: readonly string[]): Wrapped | undefined {
  const at = args.findIndex((arg) => arg.toLowerCase() === "/c");
  return at < 0 ? undefined : lineAfter(windowsSet, args.slice(at + 1).join(" "));
}

/** `powershell -NoProfile -Command LINE`: what follows is all of it, however it is split. */
function powerShellLine(args: readonly string[]): Wrapped | undefined {
  const at = args.findIndex((arg) => /^[-/](?:c|command|commandwithargs|cwa)$/i.test(arg));
  return at < 0 ? undefined : lineAfter(powerShellSet, args.slice(at + 1).join(" "));
}

/** `set PORT=3005&& next dev`, as `cmd` has it. */
const windowsSet = /^\s*set\s+"?(\w+)=([^&"]*)"?\s*&&?/i;
/** `$env:PORT=3005; next dev`, as PowerShell has it; `& ` calls what is quoted. */
const powerShellSet = /^\s*(?:\$env:(\w+)\s*=\s*["']?([^;"']*)["']?\s*;|&)\s*/i;

/** @param assignment what may stand in front, again and again: a name and a value, or what says nothing */
function lineAfter(assignment: RegExp, whole: string): Wrapped {
  let line = whole;
  const env: Record<string, string> = {};
  for (let set = assignment.exec(line); set !== null; set = assignment.exec(line)) {
    if (set[1] !== undefined) env[set[1]] = (set[2] ?? "").trim();
    line = line.slice(set[0].length);
  }
  return { kind: "line", line, env };
}
