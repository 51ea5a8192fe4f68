import { basename } from "node:path";
import { agentNamed } from "../../shared/model/agents.ts";

/** A process on the way from a command up to the first of the system. */
export interface Ancestor {
  readonly pid: number;
  readonly ppid: number;
  /** Short name of the program. */
  readonly name: string;
  /** The command line, where it can be read. */
  readonly command?: string;
  /** The controlling terminal, e.g. `pts/3`; absent where there is none. */
  readonly terminal?: string;
}

/** Where orphans go: no command is run on their behalf. */
const reapers = new Set([
  "systemd",
  "init",
  "launchd",
  "tini",
  "dumb-init",
  "docker-init",
  "s6-svscan",
  "explorer",
]);

/** They run what their caller wants and end with it. */
const passersOn = new Set([
  ...["sh", "bash", "dash", "ash", "zsh", "fish", "ksh", "csh", "tcsh", "cmd", "powershell", "pwsh"],
  ...["npm", "npm-cli", "npx", "npx-cli", "pnpm", "pnpx", "yarn", "yarnpkg", "bunx", "corepack", "make"],
  ...["env", "nice", "nohup", "setsid", "sudo", "time", "timeout", "xargs", "script"],
]);

/** They keep a terminal for a person, with the environment of the one who happened to start them. */
const multiplexers = new Set(["tmux", "tmux: server", "screen", "zellij", "abduco", "dtach"]);

const interpreters = new Set(["node", "bun", "deno", "python", "python3", "ruby"]);

/**
 * The process on whose behalf a command runs, which lives longer than the command. At a terminal that is the leader of
 * the terminal's session, the shell. Without a terminal it is the nearest ancestor that is no shell and no runner of
 * scripts: agents give each of their commands a shell, often in a session of its own, that ends with the command.
 * @param lineage the command first, then its parent and so on
 * @param leader the leader of the command's session, where the platform has one that lives
 */
export function originOf(lineage: readonly Ancestor[], leader?: Ancestor): Ancestor | undefined {
  const [self, ...above] = lineage;
  if (!self) return undefined;
  if (self.terminal !== undefined)
    return leader ?? above.findLast(({ terminal }) => terminal === self.terminal) ?? self;
  const callers = belowReapers(above);
  return runnerAmong(callers) ?? callers.at(-1) ?? self;
}

/**
 * The agent's process that runs a command, at a terminal or without one; undefined where a person or another program does.
 * @param lineage the command first, then its parent and so on
 * @param marked whether the command's environment says that an agent runs it; else known by its program's name alone
 */
export function agentRunning(lineage: readonly Ancestor[], marked: boolean): Ancestor | undefined {
  const [self, ...above] = lineage;
  const runner = self && runnerAmong(belowReapers(above));
  if (!runner) return undefined;
  const program = programOf(runner);
  if (marked) return multiplexers.has(program) ? undefined : runner;
  // Beyond the command's terminal is what shows the terminal: an editor that is an agent, too, shows it to a person.
  const isNear = self.terminal === undefined || self.terminal === runner.terminal;
  return isNear && agentNamed(program) !== undefined ? runner : undefined;
}

function belowReapers(above: readonly Ancestor[]): readonly Ancestor[] {
  const end = above.findIndex((one) => one.pid === 1 || reapers.has(programOf(one)));
  return end === -1 ? above : above.slice(0, end);
}

function runnerAmong(callers: readonly Ancestor[]): Ancestor | undefined {
  return callers.find((one) => !passersOn.has(programOf(one)));
}

/** A process and its ancestors, nearest first. */
export function climb(pid: number, look: (pid: number) => Ancestor | undefined): readonly Ancestor[] {
  const found: Ancestor[] = [];
  for (let one = look(pid); one; one = look(one.ppid)) {
    // A pid used again can make a circle where the snapshot isn't of one moment.
    if (found.some(({ pid }) => pid === one?.pid)) break;
    found.push(one);
  }
  return found;
}

/** What people call a program: its own name, or that of the script an interpreter runs. */
export function programOf({ name, command }: Pick<Ancestor, "name" | "command">): string {
  const [first = name, ...words] = (command ?? "").split(" ").filter(Boolean);
  const program = bare(first);
  const script = interpreters.has(program) ? scriptAmong(words) : undefined;
  return script === undefined ? program : bare(script);
}

/** An interpreter's script: behind its options, some of which have a word of their own. */
function scriptAmong(words: readonly string[]): string | undefined {
  if (/^(?:-[cep]+|--eval|--print)$/.test(words[0] ?? "")) return undefined;
  const free = words.filter(
    (word, index) =>
      !word.startsWith("-") && !/^(?:-r|--require|--import|--loader)$/.test(words[index - 1] ?? ""),
  );
  return free.find((word) => /[/\\]|\.\w+$/.test(word)) ?? free[0];
}

/** `/usr/bin/claude.exe` → `claude`; a login shell has a dash in front. */
function bare(path: string): string {
  return basename(path.replaceAll("\\", "/")).replace(/^-|:$|\.(?:exe|cmd|[cm]?js|ts|py|rb)$/g, "");
}
