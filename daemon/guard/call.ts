import { resolve } from "node:path";

/**
 * How a client has its hooks answered: `tool`, PreToolUse of Claude Code, VS Code and Codex; `shell`, beforeShellExecution of
 * Cursor; `gemini`, BeforeTool of Gemini CLI; `copilot`, preToolUse of Copilot's command line.
 */
export type Dialect = "tool" | "shell" | "gemini" | "copilot";

/** A command line that an agent wants to run. */
export interface Call {
  readonly dialect: Dialect;
  readonly command: string;
  /** Absolute directory it runs in. */
  readonly cwd: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Tools that run command lines, by their names in small letters without anything between. */
const shellTools = new Set(
  "bash powershell shell runinterminal runterminalcommand runshellcommand execcommand localshell".split(" "),
);

/** What a hook is asked about; undefined for a call of another kind, of another tool, or for no call at all. */
export function readCall(text: string | undefined): Call | undefined {
  const call = fieldsOf(text);
  if (call === undefined) return undefined;
  switch (call["hook_event_name"]) {
    case "beforeShellExecution":
      return callOf("shell", call, call);
    case "PreToolUse":
      return ofTool("tool", call, call["tool_name"], call["tool_input"]);
    case "BeforeTool":
      return ofTool("gemini", call, call["tool_name"], call["tool_input"]);
    case undefined:
      return ofTool("copilot", call, call["toolName"], call["toolArgs"]);
    default:
      return undefined;
  }
}

/** The answer that keeps a command from running, in the client's own form. @param reason for the agent, and the person */
export function answerTo(dialect: Dialect, reason: string): object {
  switch (dialect) {
    case "tool":
      return {
        hookSpecificOutput: {
          hookEventName: "PreToolUse",
          permissionDecision: "deny",
          permissionDecisionReason: reason,
        },
      };
    case "shell":
      // Cursor's first hooks had the names that are written together.
      return {
        permission: "deny",
        user_message: reason,
        agent_message: reason,
        userMessage: reason,
        agentMessage: reason,
      };
    case "gemini":
      return { decision: "deny", reason };
    case "copilot":
      return { permissionDecision: "deny", permissionDecisionReason: reason };
  }
}

/** VS Code asks its hooks about every tool there is, whatever their matcher says. */
function ofTool(dialect: Dialect, call: Fields, name: unknown, input: unknown): Call | undefined {
  if (typeof name !== "string" || !shellTools.has(name.toLowerCase().replaceAll(/[^a-z]/g, "")))
    return undefined;
  const args = fieldsOf(input);
  return args && callOf(dialect, call, args);
}

function callOf(dialect: Dialect, call: Fields, { command, ...args }: Fields): Call | undefined {
  if (typeof command !== "string" || command.trim() === "") return undefined;
  const [root] = Array.isArray(call["workspace_roots"]) ? call["workspace_roots"] : [];
  const base = [call["cwd"], root].find(isPath) ?? process.cwd();
  const inside = [args["workdir"], args["directory"], args["dir_path"], args["cwd"]].find(isPath) ?? ".";
  return { dialect, command, cwd: resolve(base, inside) };
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !value.includes("\0");
}

/** An object, or the JSON text of one. */
function fieldsOf(value: unknown): Fields | undefined {
  try {
    const found: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return typeof found === "object" && found !== null ? { ...found } : undefined;
  } catch {
    return undefined;
  }
}
