import type { Aim } from "../../shared/protocol/targets.ts";
import { readPackageManagerCommand } from "../detect/package-manager-command.ts";
import { programName, withoutVersion } from "../detect/programs.ts";
import { readShellCommands, type ShellCommand, takeAssignments } from "../detect/shell-list.ts";
import { isShell, unwrap } from "../detect/wrappers.ts";
import { isKiller, type Kill, readKill } from "./killers.ts";
import { findsOf, readLookup } from "./lookups.ts";

/** A program and its arguments, as a line comes to them. */
interface Simple {
  readonly program: string;
  readonly args: readonly string[];
}

/** How deep lines may stand in lines, and how many commands are looked at: what is beyond isn't read. */
const [deepest, mostCommands] = [6, 500];
/** They run what stands behind their options, with more arguments, or as another user. */
const handers = new Set(["xargs", "parallel", "foreach-object", "sudo", "doas", "gosu"]);
/** Most of each kind that are asked for at once. */
const [mostNumbers, mostNames] = [100, 20];

/** What a command line would signal; undefined where it ends no process, as far as its words say. */
export function aimOf(line: string): Aim | undefined {
  const commands = commandsIn(line);
  const kills = commands.flatMap(({ program, args }) => readKill(program, args) ?? []);
  if (kills.length === 0) return undefined;
  const finds = findsOf(commands.map(({ program }) => program));
  const lookups = kills.some(({ lookedUp }) => lookedUp)
    ? commands.flatMap(({ program, args }) => readLookup(program, args, finds) ?? [])
    : [];
  const aim = together([...kills, ...lookups]);
  return Object.values(aim).every(({ length }) => length === 0) ? undefined : aim;
}

function together(kills: readonly Kill[]): Aim {
  const all = (of: (kill: Kill) => readonly number[] | undefined, highest: number) => {
    const found = kills.flatMap((kill) => of(kill) ?? []).filter((one) => one > 0 && one <= highest);
    return [...new Set(found)].slice(0, mostNumbers);
  };
  return {
    ports: all(({ ports }) => ports, 65_535),
    pids: all(({ pids }) => pids, 2 ** 31),
    groups: all(({ groups }) => groups, 2 ** 31),
    names: kills.flatMap(({ names }) => names ?? []).slice(0, mostNames),
  };
}

/** Every command of a line, also those in `$(…)`, in `sh -c`, and in a here-document that a shell reads. */
function commandsIn(line: string): readonly Simple[] {
  const found: Simple[] = [];
  const lines: { readonly line: string; readonly depth: number }[] = [{ line, depth: 0 }];
  for (let next = lines.shift(); next !== undefined && found.length < mostCommands; next = lines.shift()) {
    const depth = next.depth + 1;
    const inside = (more: readonly string[]) => {
      if (depth < deepest) lines.push(...more.map((one) => ({ line: one, depth })));
    };
    for (const command of readShellCommands(next.line)) {
      inside(command.inner ?? []);
      const { simple, line: inner } = plain(command);
      if (inner !== undefined) inside([inner]);
      if (simple !== undefined) found.push(simple);
    }
  }
  return found.slice(0, mostCommands);
}

interface Plain {
  readonly simple?: Simple;
  readonly line?: string;
}

/** A command without the programs in front of it that only start it. */
function plain({ words, input }: ShellCommand): Plain {
  const [only = ""] = words;
  // As `cmd` has a command inside of `for /f`.
  if (words.length === 1 && /\s/.test(only)) return { line: only };
  let argv = takeAssignments(words).words;
  for (let step = 0; step < deepest; step++) {
    const [first, ...args] = argv;
    if (first === undefined) return {};
    const program = programName(first).toLowerCase();
    const inner = handed(program, args) ?? packaged(program, args) ?? unwrap(program, args);
    if (inner === undefined)
      return input !== undefined && isShell(program) ? { line: input } : { simple: { program, args } };
    if (inner.kind === "line") return { line: inner.line };
    argv = takeAssignments(inner.argv).words;
  }
  return {};
}

type Inner =
  | { readonly kind: "argv"; readonly argv: readonly string[] }
  | { readonly kind: "line"; readonly line: string };

/** `xargs -r kill -9`: what it is handed stands for what other commands find. */
function handed(program: string, args: readonly string[]): Inner | undefined {
  if (!handers.has(program)) return undefined;
  const at = args.findIndex(
    (arg) => isKiller(programName(arg)) || isShell(programName(arg)) || handers.has(arg),
  );
  if (at < 0) return undefined;
  const more = ["sudo", "doas", "gosu"].includes(program) ? [] : ["{}"];
  return { kind: "argv", argv: [...args.slice(at), ...more] };
}

/** `npx kill-port 3000`, `npm exec -c "…"` */
function packaged(program: string, args: readonly string[]): Inner | undefined {
  const command = readPackageManagerCommand(program, args);
  if (command?.kind === "shell") return { kind: "line", line: command.line };
  const argv = command?.kind === "program" ? command.argv : command?.program;
  if (argv === undefined) return undefined;
  const [name = "", ...rest] = argv;
  return { kind: "argv", argv: [withoutVersion(name), ...rest] };
}
