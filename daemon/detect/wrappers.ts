import { scanOptions } from "./options.ts";
import { takeAssignments } from "./shell-list.ts";

/** What a program that only starts another one starts: the other's argv and variables, or a line for a shell. */
export type Wrapped =
  | {
      readonly kind: "argv";
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: "line"; readonly line: string; readonly env: Readonly<Record<string, string>> };

/** The command inside `env`, `cross-env`, `dotenv --`, `sh -c` and their like; undefined for any other program. */
export function unwrap(program: string, args: readonly string[]): Wrapped | undefined {
  return wrappers.get(program)?.(args);
}

type Unwrap = (args: readonly string[]) => Wrapped | undefined;

const shells = ["sh", "bash", "zsh", "dash", "ksh", "ash"];
const optionsThenCommand = [
  "exec",
  "nohup",
  "command",
  "time",
  "setsid",
  "stdbuf",
  "caffeinate",
  "winpty",
  "nice",
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
];

const wrappers = new Map<string, Unwrap>([
  ["env", (args) => assigned(scanned(args, ["-u", "--unset", "-C", "--chdir"]))],
  ["cross-env", assigned],
  ["cross-env-shell", crossEnvShell],
  ["dotenv", (args) => assigned(scanned(args, ["-e", "-v", "-p"]))],
  ["env-cmd", (args) => assigned(scanned(args, ["-f", "--file", "-e", "--environments", "-r", "--rc-file"]))],
  ...shells.map((name): [string, Unwrap] => [name, shellLine]),
  ["cmd", (args) => windowsLine(args)],
  ...optionsThenCommand.map((name): [string, Unwrap] => [name, (args) => assigned(scanned(args, ["-n"]))]),
  ...afterDashes.map((name): [string, Unwrap] => [name, dashed]),
]);

/** `PORT=4000 next dev` */
function assigned(args: readonly string[]): Wrapped {
  const { env, words } = takeAssignments(args);
  return { kind: "argv", argv: words, env };
}

/** Leaves out the wrapper's own options, and a `--` that ends them. */
function scanned(args: readonly string[], valueOptions: readonly string[]): readonly string[] {
  // `FOO=1` is a positional for the scan, so it ends there with the assignments still in front.
  const scan = scanOptions(args, valueOptions, 1);
  return [...scan.positionals, ...scan.rest];
}

function dashed(args: readonly string[]): Wrapped | undefined {
  const at = args.indexOf("--");
  return at < 0 ? undefined : assigned(args.slice(at + 1));
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

function windowsLine(args: readonly string[]): Wrapped | undefined {
  const at = args.findIndex((arg) => arg.toLowerCase() === "/c");
  return at < 0 ? undefined : { kind: "line", line: args.slice(at + 1).join(" "), env: {} };
}
