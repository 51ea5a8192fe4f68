import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answerTo, readCall } from "../../../daemon/guard/call.ts";

const read = (call: unknown) => readCall(JSON.stringify(call));
const command = "npm run dev";

describe("a hook's call", () => {
  it("is read in each client's form, and answered in the same", () => {
    const tool = { session_id: "1", hook_event_name: "PreToolUse", cwd: "/shop" };
    const found = { command, cwd: "/shop" };
    for (const name of ["Bash", "run_in_terminal", "runInTerminal", "PowerShell"])
      assert.deepEqual(read({ ...tool, tool_name: name, tool_input: { command } }), {
        ...found,
        dialect: "tool",
      });
    assert.deepEqual(
      read({ hook_event_name: "beforeShellExecution", command, cwd: "/shop", workspace_roots: ["/other"] }),
      { ...found, dialect: "shell" },
    );
    assert.deepEqual(
      read({
        ...tool,
        hook_event_name: "BeforeTool",
        tool_name: "run_shell_command",
        tool_input: { command },
      }),
      { ...found, dialect: "gemini" },
    );
    assert.deepEqual(
      read({ timestamp: 1, cwd: "/shop", toolName: "bash", toolArgs: JSON.stringify({ command }) }),
      { ...found, dialect: "copilot" },
    );
    assert.deepEqual(answerTo("tool", "no"), {
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: "deny",
        permissionDecisionReason: "no",
      },
    });
    assert.partialDeepStrictEqual(answerTo("shell", "no"), {
      permission: "deny",
      agent_message: "no",
      user_message: "no",
    });
    assert.deepEqual(answerTo("gemini", "no"), { decision: "deny", reason: "no" });
    assert.deepEqual(answerTo("copilot", "no"), {
      permissionDecision: "deny",
      permissionDecisionReason: "no",
    });
  });

  it("is none where another tool is meant, another event, or what isn't a call", () => {
    const tool = { hook_event_name: "PreToolUse", cwd: "/shop", tool_input: { command } };
    for (const call of [
      { ...tool, tool_name: "Edit" },
      { ...tool, tool_name: "mcp__shell__bash" },
      { ...tool, tool_name: 7 },
      { ...tool, tool_name: "Bash", tool_input: null },
      { ...tool, tool_name: "Bash", tool_input: { command: 7 } },
      { ...tool, tool_name: "Bash", tool_input: { command: " " } },
      { ...tool, tool_name: "Bash", hook_event_name: "PostToolUse" },
      { ...tool, hook_event_name: 7, tool_name: "Bash" },
      ...[null, 1, "text", [], {}],
    ])
      assert.equal(read(call), undefined, JSON.stringify(call));
    for (const text of [undefined, "", "{", "\0"]) assert.equal(readCall(text), undefined);
  });

  it("says where the command runs: the tool's own directory, the client's, its first root, else here", () => {
    const shell = { hook_event_name: "beforeShellExecution", command };
    const tool = { hook_event_name: "PreToolUse", tool_name: "Bash", cwd: "/shop" };
    assert.equal(read({ ...shell, cwd: "", workspace_roots: ["/root"] })?.cwd, "/root");
    assert.equal(read(shell)?.cwd, process.cwd());
    assert.equal(read({ ...tool, tool_input: { command, workdir: "apps/web" } })?.cwd, "/shop/apps/web");
    assert.equal(read({ ...tool, cwd: "/a\0b", tool_input: { command } })?.cwd, process.cwd());
  });
});
