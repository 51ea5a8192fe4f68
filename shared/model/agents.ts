/**
 * Coding agents by the variables that they set for the commands they run, as `@vercel/detect-agent`, `std-env` and
 * `am-i-vibing` read them. What an agent is configured with, and what an editor sets for a person's terminals, too, isn't
 * among them.
 */
const marks: Readonly<Record<string, string>> = {
  CLAUDECODE: "Claude Code",
  CLAUDE_CODE: "Claude Code",
  CLAUDE_CODE_ENTRYPOINT: "Claude Code",
  CLAUDE_CODE_IS_COWORK: "Claude Code",
  CODEX_CI: "Codex",
  CODEX_SANDBOX: "Codex",
  CODEX_SANDBOX_NETWORK_DISABLED: "Codex",
  CODEX_THREAD_ID: "Codex",
  CURSOR_AGENT: "Cursor",
  CURSOR_CLI: "Cursor",
  COPILOT_AGENT: "Copilot",
  COPILOT_CLI: "Copilot",
  GEMINI_CLI: "Gemini CLI",
  QWEN_CODE: "Qwen Code",
  AMP_CURRENT_THREAD_ID: "Amp",
  ANTIGRAVITY_AGENT: "Antigravity",
  AUGMENT_AGENT: "Augment",
  CRUSH: "Crush",
  JUNIE_SHIM_PATH: "Junie",
  OPENCODE: "opencode",
};

/** They hold the agent's name themselves: `AI_AGENT=goose`. */
const naming = ["AI_AGENT", "AGENT"] as const;

/** Every variable that tells an agent. */
export const agentVariables: readonly string[] = [...naming, ...Object.keys(marks)];

/** Agents by the name of their process, or the one they give themselves. */
const names: ReadonlyMap<string, string> = new Map(
  Object.entries({
    aider: "Aider",
    amp: "Amp",
    auggie: "Augment",
    claude: "Claude Code",
    "claude-code": "Claude Code",
    codex: "Codex",
    "codex-mcp-client": "Codex",
    copilot: "Copilot",
    crush: "Crush",
    cursor: "Cursor",
    "cursor-agent": "Cursor",
    "cursor-vscode": "Cursor",
    gemini: "Gemini CLI",
    "gemini-cli": "Gemini CLI",
    "gemini-cli-mcp-client": "Gemini CLI",
    goose: "goose",
    opencode: "opencode",
    qwen: "Qwen Code",
  }),
);

/** Longest name of an agent that is believed. */
const maxName = 40;

/** What people call an agent by the name of its program or client; undefined for what isn't known as one. */
export function agentNamed(name: string): string | undefined {
  return names.get(name.toLowerCase());
}

/** The agent that runs a command with this environment, by its own marks; undefined where there is none. */
export function agentOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const mark = Object.keys(marks).find((name) => isSet(env[name]));
  if (mark !== undefined) return marks[mark];
  const name = naming.map((variable) => env[variable]).find((value) => isName(value));
  return name && (agentNamed(name) ?? name);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(?:|0|false)$/i.test(value);
}

/** `AGENT=1` says that there is one, and not which. */
function isName(value: string | undefined): boolean {
  return (
    value !== undefined && value.length <= maxName && /^[a-z][\w. -]*$/i.test(value) && !/^true$/i.test(value)
  );
}
