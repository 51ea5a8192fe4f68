import { basename } from "node:path";
import { scanOptions, valuesOf } from "./options.ts";
import { inlineCode, type RuntimeCommand } from "./programs.ts";

/** What a language's own program is told to do; `task` is one of deno's. */
export type LanguageCommand = RuntimeCommand | { readonly kind: "task"; readonly task: string };

type Reader = (args: readonly string[]) => LanguageCommand | undefined;

/** Reads `python manage.py runserver`, `go run .`, `cargo watch -x run`, `deno task dev` and the like. */
export function readLanguage(program: string, args: readonly string[]): LanguageCommand | undefined {
  return readerOf(program)?.(args);
}

/** Whether a program runs what it is given, and is no server by itself. */
export function isLanguage(program: string): boolean {
  return readerOf(program) !== undefined;
}

function readerOf(program: string): Reader | undefined {
  return /^python[\d.]*$/.test(program) ? python : readers.get(program);
}

const readers = new Map<string, Reader>([
  ["py", python],
  ["ruby", (args) => file(scanOptions(args, ["-r", "-I", "-C"], 1).positionals[0])],
  ["php", php],
  ["go", (args) => (args[0] === "run" ? { kind: "file", file: args.at(-1) ?? "." } : undefined)],
  ["cargo", cargo],
  ["dotnet", (args) => (args[0] === "run" || args[0] === "watch" ? { kind: "file", file: "." } : undefined)],
  ["deno", deno],
  ["docker", (args) => compose("docker compose", args)],
  ["podman", (args) => compose("docker compose", args)],
]);

function python(args: readonly string[]): LanguageCommand | undefined {
  const scan = scanOptions(args, ["-m", "-W", "-X", "-c"], 1);
  const module = args.indexOf("-m");
  const before = args.findIndex((one) => !one.startsWith("-"));
  if (module >= 0 && (before < 0 || module < before)) return argv(args.slice(module + 1));
  if (scan.values.has("-c")) return inlineCode(valuesOf(scan, "-c")[0]);
  const [script] = scan.positionals;
  return script !== undefined && basename(script) === "manage.py"
    ? argv(["manage.py", ...scan.rest])
    : file(script);
}

function php(args: readonly string[]): LanguageCommand | undefined {
  const scan = scanOptions(args, ["-S", "-t", "-d", "-c"], 1);
  const [address] = valuesOf(scan, "-S");
  if (address !== undefined) return argv(["php -S", address]);
  const [script] = scan.positionals;
  return script !== undefined && basename(script) === "artisan"
    ? argv(["artisan", ...scan.rest])
    : file(script);
}

function cargo(args: readonly string[]): LanguageCommand | undefined {
  const [command, ...rest] = args[0]?.startsWith("+") ? args.slice(1) : args;
  if (command === "run" || command === "r" || command === "shuttle") return { kind: "file", file: "." };
  if (command === "leptos")
    return rest[0] === "watch" || rest[0] === "serve" ? { kind: "file", file: "." } : undefined;
  if (command !== "watch") return undefined;
  const scan = scanOptions(rest, [
    "-x",
    "--exec",
    "-s",
    "--shell",
    "-w",
    "--watch",
    "-i",
    "--ignore",
    "-d",
    "--delay",
  ]);
  const [line] = valuesOf(scan, "-s", "--shell");
  if (line !== undefined) return { kind: "line", line };
  const [last] = valuesOf(scan, "-x", "--exec").slice(-1);
  return last === undefined ? undefined : cargo(last.split(" "));
}

function deno(args: readonly string[]): LanguageCommand | undefined {
  const scan = scanOptions(args, ["-c", "--config", "--import-map", "--cwd", "--port", "--host"], 1);
  const [command, ...rest] = [...scan.positionals, ...scan.rest];
  if (command === undefined) return undefined;
  if (command === "task") return rest[0] === undefined ? undefined : { kind: "task", task: rest[0] };
  if (command === "serve") return argv(["deno serve", ...args]);
  if (command === "run") return deno(rest);
  if (/^(?:npm|jsr):/.test(command)) return argv([command.slice(4).replace(/(?<=.)@[^/@]*$/, ""), ...rest]);
  return /[./]/.test(command) ? file(command) : undefined;
}

/** Compose with its own options; other commands of the container engine are none of ours. */
function compose(program: string, args: readonly string[]): LanguageCommand | undefined {
  return args[0] === "compose" ? argv([program, ...args.slice(1)]) : undefined;
}

function argv(words: readonly string[]): LanguageCommand {
  return { kind: "program", argv: words };
}

function file(path: string | undefined): LanguageCommand | undefined {
  return path === undefined ? undefined : { kind: "file", file: path };
}
