import type { Aim } from "../../shared/protocol/targets.ts";
import { scanOptions, valuesOf } from "../detect/options.ts";

/** What one command would signal. */
export interface Kill extends Partial<Aim> {
  /** Whether what it signals is found out by other commands of its line: `xargs kill`, `kill $(…)`. */
  readonly lookedUp?: boolean;
}

type Reader = (args: readonly string[]) => Kill | undefined;

/** Whether a program ends processes. @param program its name, as `programName` gives it */
export function isKiller(program: string): boolean {
  return readers.has(program.toLowerCase());
}

/** What a program that ends processes would signal; undefined for other programs, and where it ends none. */
export function readKill(program: string, args: readonly string[]): Kill | undefined {
  return readers.get(program.toLowerCase())?.(args);
}

const readers = new Map<string, Reader>([
  ["kill", kill],
  ["pkill", pkill],
  ["killall", killall],
  ["fuser", fuser],
  ...["kill-port", "killport", "kill-port-process", "cross-port-killer"].map((name): [string, Reader] => [
    name,
    portsAmong,
  ]),
  ["fkill", fkill],
  ["fkill-cli", fkill],
  ["taskkill", taskkill],
  ["tskill", (args) => byWords(args.filter((arg) => !arg.startsWith("/")))],
  ["stop-process", stopProcess],
  ["spps", stopProcess],
]);

/** A signal that ends nothing: it asks whether a process is there. */
const isAsking = (signal: string | undefined) => signal === "0" || signal === "EXIT";
const asksForInfo = (args: readonly string[]) =>
  args.some((arg) => ["-l", "-L", "--list", "--help", "-h", "--version", "-V"].includes(arg));
/** What a shell puts in its place isn't known here. */
const isUnknown = (word: string) => /\$[A-Za-z_({0-9@*]|`|^\{\}$|^%[A-Za-z]$/.test(word);

/** `kill -9 123`, `kill -- -123`, `kill $(…)`; `kill %1` and `kill $!` are the shell's own. */
function kill(args: readonly string[]): Kill | undefined {
  if (args.some((arg) => /^-(?:name|id|inputobject)$/i.test(arg))) return stopProcess(args);
  if (asksForInfo(args)) return undefined;
  const [first = ""] = args;
  const named = /^(?:-s|-n|--signal)$/.test(first) ? args[1] : /^-(\w+)$/.exec(first)?.[1];
  if (isAsking(named)) return undefined;
  const skipped = named === undefined ? 0 : named === args[1] ? 2 : 1;
  const operands = args.slice(skipped).filter((arg) => arg !== "--");
  if (operands.includes("-1")) return { names: [{ pattern: "", match: "part", ignoreCase: false }] };
  return {
    pids: numbers(operands),
    groups: numbers(operands.filter((one) => one.startsWith("-")).map((one) => one.slice(1))),
    lookedUp: operands.length === 0 || operands.some((one) => isUnknown(one) && one !== "$$"),
  };
}

/** The options of `pkill` and `pgrep` that take a value. */
const pkillValues =
  "-u -U -G -g -P -s -t -F -d -r --signal --euid --uid --group --pgroup --parent --session --terminal --pidfile --ns --nslist --delimiter --runstates".split(
    " ",
  );

/** `pkill -9 -f 'next dev'` */
function pkill(args: readonly string[]): Kill | undefined {
  if (args.some((arg) => ["-0", "--help", "-h", "--version", "-V"].includes(arg))) return undefined;
  return names(args);
}

/** What `pgrep` or `pkill` finds. Of one parent's children alone it may be anything: nothing is said then. */
export function names(args: readonly string[]): Kill | undefined {
  const scan = scanOptions(args, pkillValues);
  if (
    valuesOf(scan, "-P", "--parent", "-F", "--pidfile").length > 0 ||
    isAsking(valuesOf(scan, "--signal")[0])
  )
    return undefined;
  const short = [...scan.flags].filter((flag) => /^-[a-z]{1,5}$/.test(flag)).join("");
  const has = (letter: string, long: string) => short.includes(letter) || scan.flags.has(long);
  const match = has("f", "--full") ? "line" : has("x", "--exact") ? "whole" : "part";
  const patterns = [...scan.positionals, ...scan.rest];
  return byNames(patterns, match, has("i", "--ignore-case"));
}

function byNames(
  patterns: readonly string[],
  match: Aim["names"][number]["match"],
  ignoreCase = false,
): Kill {
  const known = patterns.filter((pattern) => pattern !== "" && !isUnknown(pattern));
  return {
    names: known.map((pattern) => ({ pattern, match, ignoreCase })),
    lookedUp: known.length < patterns.length || patterns.length === 0,
  };
}

/** `killall -9 node` */
function killall(args: readonly string[]): Kill | undefined {
  if (asksForInfo(args) || args.includes("-0")) return undefined;
  const scan = scanOptions(args, ["-s", "--signal", "-u", "--user", "-o", "-y", "-n", "-Z", "-c", "-t"]);
  if (isAsking(valuesOf(scan, "-s", "--signal")[0])) return undefined;
  const isPattern = ["-r", "--regexp", "-m"].some((flag) => scan.flags.has(flag));
  const given = [...scan.positionals, ...scan.rest, ...valuesOf(scan, "-c")];
  return byNames(given, isPattern ? "part" : "whole", scan.flags.has("-I"));
}

/** `fuser -k 3000/tcp`; without `-k` it only looks. */
function fuser(args: readonly string[]): Kill | undefined {
  const isKilling = args.some((arg) => arg === "--kill" || /^-[a-zA-Z]*k/.test(arg));
  return isKilling ? { ports: fuserPorts(args) } : undefined;
}

/** `3000/tcp`, `-n tcp 3000` */
export function fuserPorts(args: readonly string[]): number[] {
  return numbers(args.map((arg) => arg.replace(/\/(?:tcp|udp)$/, "")));
}

/** `kill-port 3000 8081`, `kill-port --port 3000,4000` */
function portsAmong(args: readonly string[]): Kill | undefined {
  return asksForInfo(args)
    ? undefined
    : { ports: numbers(args.flatMap((arg) => arg.split(/[,=]/))), lookedUp: true };
}

/** `fkill :3000 node 123` */
function fkill(args: readonly string[]): Kill | undefined {
  if (asksForInfo(args)) return undefined;
  const given = args.filter((arg) => !arg.startsWith("-"));
  const ports = numbers(given.filter((arg) => arg.startsWith(":")).map((arg) => arg.slice(1)));
  return { ...byWords(given.filter((arg) => !arg.startsWith(":"))), ports };
}

/** Each a pid or a name. */
function byWords(given: readonly string[]): Kill {
  const named = given.filter((word) => !/^\d+$/.test(word)).map(withoutExtension);
  return { ...byNames(named, "whole", true), pids: numbers(given), lookedUp: given.some(isUnknown) };
}

/** `taskkill /F /IM node.exe`, `taskkill //PID 123` */
function taskkill(args: readonly string[]): Kill | undefined {
  if (args.some((arg) => arg === "/?")) return undefined;
  const after = (option: RegExp) => args.filter((_, index) => option.test(args[index - 1] ?? ""));
  const given = [...after(/^(?:\/{1,2}|-)im$/i), ...after(/^(?:\/{1,2}|-)pid$/i)];
  return byWords(given);
}

/** `Stop-Process -Name node -Force`, `Stop-Process -Id 123`; what comes through a pipe was found by another command. */
function stopProcess(args: readonly string[]): Kill {
  const given = args
    .filter((arg) => !arg.startsWith("-"))
    .flatMap((arg) => arg.split(","))
    .filter((word) => word !== "" && !/^(?:SilentlyContinue|Stop|Ignore)$/i.test(word));
  return given.length === 0 ? { lookedUp: true } : byWords(given);
}

function withoutExtension(name: string): string {
  return name.replace(/\.exe$/i, "");
}

function numbers(words: readonly string[]): number[] {
  return words.filter((word) => /^[1-9]\d{0,6}$/.test(word)).map(Number);
}
