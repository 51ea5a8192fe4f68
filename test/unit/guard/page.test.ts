import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { repository } from "../../support/paths.ts";

it("the page's examples are settings that call the guard, one for each agent it names", () => {
  const page = readFileSync(join(repository, "docs/guard.md"), "utf8");
  const examples = [...page.matchAll(/^\*\*([A-Z].+?)\*\*,[^\0]*?```json\n([^\0]*?)```/gm)];
  assert.deepEqual(
    examples.map(([, agent]) => agent),
    ["Claude Code", "VS Code", "Cursor", "Codex", "Gemini CLI"],
  );
  for (const [, agent, text = ""] of examples) {
    const { hooks } = JSON.parse(text) as {
      readonly hooks: Record<string, readonly Record<string, unknown>[]>;
    };
    const events = Object.keys(hooks);
    assert.ok(["PreToolUse", "beforeShellExecution", "BeforeTool"].includes(events[0] ?? ""), agent);
    const commands = [...JSON.stringify(hooks).matchAll(/"command":"([^"]*)"/g)].map(
      ([, command]) => command,
    );
    assert.deepEqual([events.length, commands], [1, ["devlatch guard"]], agent);
  }
});
