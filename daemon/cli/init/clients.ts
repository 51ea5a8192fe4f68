import { type ClientName, clientNames } from "./client-names.ts";
import { type FilePart, together } from "./edit.ts";
import { commandHook, type GuardFile, guardPart } from "./guard-part.ts";
import { paragraphPart } from "./paragraph-part.ts";
import { guardCommand, type Reach, serverLaunch } from "./program.ts";
import { sealedFile } from "./sealed-file.ts";
import { serverPart } from "./server-part.ts";
import { paragraph, skill } from "./texts.ts";
import { tomlServerPart } from "./toml-servers.ts";

/** Where an agent is set up: in a repository, or for a person. */
export type Scope = "project" | "user";

interface Setting {
  readonly scope: Scope;
  readonly reach: Reach;
}

/** An agent: by what it is known, and what it reads. */
interface Client {
  /** Paths below the repository that show that it is used there. */
  readonly traces: readonly string[];
  /** Paths below the home directory that show that this person has it. */
  readonly homes: readonly string[];
  parts(setting: Setting): readonly FilePart[];
}

/** A group of hooks for the shell tool. VS Code looks at no matcher: the guard itself asks for the tool. */
function bashGroup(command: string) {
  return { matcher: "Bash", hooks: [commandHook(command)] };
}

/** The guard as a hook, where it can be reached fast enough to be one. */
function guard(command: string | undefined, hook: (command: string) => Omit<GuardFile, "event">) {
  return (event: string) => (command === undefined ? [] : [guardPart({ event, ...hook(command) })]);
}

function claudeParts({ scope, reach }: Setting): readonly FilePart[] {
  // The tool may have changed its directory.
  const command = guardCommand(reach, "posix", '"$CLAUDE_PROJECT_DIR"');
  const hooks = guard(command, (line) => ({ path: ".claude/settings.json", hook: bashGroup(line) }));
  const servers = scope === "project" ? { path: ".mcp.json" } : claudeState;
  return [
    serverPart(servers, serverLaunch(reach)),
    ...hooks("PreToolUse"),
    ...(scope === "project" ? [paragraphPart("CLAUDE.md", paragraph, false)] : []),
  ];
}

/** Claude Code keeps in it what it knows of all projects, too: it grows, and is never made here. */
const claudeState = { path: ".claude.json", isMade: false, maxBytes: 16 * 1024 * 1024 };

function cursorParts({ reach }: Setting): readonly FilePart[] {
  // Run by whatever shell the machine has; where it fails the command passes.
  const command = guardCommand(reach, "any");
  const hooks = guard(command, (line) => ({
    path: ".cursor/hooks.json",
    hook: { command: line },
    rest: { version: 1 },
  }));
  return [serverPart({ path: ".cursor/mcp.json" }, serverLaunch(reach)), ...hooks("beforeShellExecution")];
}

function vscodeParts({ scope, reach }: Setting): readonly FilePart[] {
  const windows = guardCommand(reach, "any");
  const path = scope === "project" ? ".github/hooks/devlatch.json" : ".copilot/hooks/devlatch.json";
  const hooks = guard(guardCommand(reach, "posix"), (line) => ({
    path,
    hook: commandHook(line, windows === undefined ? {} : { windows }),
    rest: { version: 1 },
  }));
  const servers = scope === "project" ? ".vscode/mcp.json" : `${codeDirectory()}/mcp.json`;
  return [
    serverPart({ path: servers, servers: "servers", hasType: true }, serverLaunch(reach)),
    ...hooks("PreToolUse"),
  ];
}

/** The directory of a person's settings of VS Code, below the home directory. */
function codeDirectory(): string {
  switch (process.platform) {
    case "darwin":
      return "Library/Application Support/Code/User";
    case "win32":
      return "AppData/Roaming/Code/User";
    default:
      return ".config/Code/User";
  }
}

function codexParts({ scope, reach }: Setting): readonly FilePart[] {
  const hooks = guard(guardCommand(reach, "posix"), (line) => ({
    path: ".codex/hooks.json",
    hook: bashGroup(line),
  }));
  return [
    tomlServerPart(".codex/config.toml", serverLaunch(reach)),
    ...hooks("PreToolUse"),
    ...(scope === "user" ? [paragraphPart(".codex/AGENTS.md", paragraph, true)] : []),
  ];
}

function geminiParts({ scope, reach }: Setting): readonly FilePart[] {
  const isPersons = scope === "user";
  const path = ".gemini/settings.json";
  const command = guardCommand(reach, "posix", "$GEMINI_PROJECT_DIR");
  const hooks = guard(command, (line) => ({
    path,
    hook: { matcher: "run_shell_command", hooks: [commandHook(line)] },
  }));
  const server = serverPart({ path }, serverLaunch(reach));
  const [hook] = hooks("BeforeTool");
  return [
    hook === undefined ? server : together(server, hook),
    paragraphPart(isPersons ? ".gemini/GEMINI.md" : "GEMINI.md", paragraph, isPersons),
  ];
}

export const clients: Readonly<Record<ClientName, Client>> = {
  claude: { traces: [".claude", "CLAUDE.md"], homes: [".claude"], parts: claudeParts },
  cursor: { traces: [".cursor"], homes: [".cursor"], parts: cursorParts },
  vscode: {
    traces: [".vscode", ".github/hooks"],
    homes: [codeDirectory(), ".vscode"],
    parts: vscodeParts,
  },
  codex: { traces: [".codex"], homes: [".codex"], parts: codexParts },
  gemini: { traces: [".gemini", "GEMINI.md"], homes: [".gemini"], parts: geminiParts },
};

const claudeSkill = sealedFile(".claude/skills/devlatch/SKILL.md", skill);
/** Read by the other agents; some of them read Claude's, too, and would list the skill twice. */
const othersSkill = sealedFile(".agents/skills/devlatch/SKILL.md", skill);

/** The skill, in the place that most of these agents read. */
function skillFor(names: readonly ClientName[]): readonly FilePart[] {
  if (names.length === 0) return [];
  return [names.includes("claude") ? claudeSkill : othersSkill];
}

/**
 * What init has for some agents, each file once.
 * @param names none: what most agents read, in a repository
 */
export function partsFor(names: readonly ClientName[], scope: Scope, reach: Reach): readonly FilePart[] {
  const own = names.flatMap((name) => clients[name].parts({ scope, reach }));
  const isLone = names.length === 0 && scope === "project";
  const lone = isLone ? [serverPart({ path: ".mcp.json" }, serverLaunch(reach))] : [];
  const most = scope === "project" ? [paragraphPart("AGENTS.md", paragraph, true)] : [];
  return eachOnce([...lone, ...own, ...skillFor(names), ...most]);
}

/**
 * What init may have put in, to take it out.
 * @param names undefined: everything; else what is these agents' alone
 */
export function takenFor(names: readonly ClientName[] | undefined, scope: Scope): readonly FilePart[] {
  if (names === undefined) return [...partsFor(clientNames, scope, "path"), othersSkill];
  const own = names.flatMap((name) => clients[name].parts({ scope, reach: "path" }));
  return eachOnce([...own, ...(names.includes("claude") ? [claudeSkill] : [])]);
}

function eachOnce(parts: readonly FilePart[]): readonly FilePart[] {
  return [...new Map(parts.map((part) => [part.path, part])).values()];
}
