import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clientNames } from "../../../../daemon/cli/init/client-names.ts";
import { partsFor, type Scope, takenFor } from "../../../../daemon/cli/init/clients.ts";
import type { Reach } from "../../../../daemon/cli/init/program.ts";

const scopes: readonly Scope[] = ["project", "user"];
const reaches: readonly Reach[] = ["path", "dependency", "registry"];

/** The files that are made where there are none, with their texts. */
function madeBy(scope: Scope, reach: Reach, names = clientNames as readonly (typeof clientNames)[number][]) {
  const parts = partsFor(names, scope, reach);
  assert.equal(new Set(parts.map(({ path }) => path)).size, parts.length, "each file once");
  return parts.flatMap(({ path, put }) => {
    const edit = put(undefined);
    return edit.kind === "text" && edit.text !== undefined ? [{ path, text: edit.text }] : [];
  });
}

describe("what init has for which agent", () => {
  it("is taken out whatever way Devlatch was reached when it went in", () => {
    for (const scope of scopes)
      for (const reach of reaches)
        for (const { path, text } of madeBy(scope, reach)) {
          const part = takenFor(undefined, scope).find((one) => one.path === path);
          assert.deepEqual(part?.take(text), { kind: "text", text: undefined }, `${scope} ${reach} ${path}`);
        }
  });

  it("stays as it is when Devlatch is reached another way since", () => {
    for (const { path, text } of madeBy("project", "dependency")) {
      const part = partsFor(clientNames, "project", "path").find((one) => one.path === path);
      assert.deepEqual(part?.put(text), { kind: "text", text }, path);
    }
  });

  it("names programs as agents run them: by name, from the dependencies, or by npx and then without the guard", () => {
    const text = (reach: Reach) =>
      madeBy("project", reach)
        .map((one) => one.text)
        .join("\n");
    assert.match(text("path"), /"command": "devlatch guard \|\| true"/);
    assert.match(text("path"), /command = "devlatch"\nargs = \["mcp"\]/);
    assert.match(
      text("dependency"),
      /"\\"\$CLAUDE_PROJECT_DIR\\"\/node_modules\/\.bin\/devlatch guard \|\| true"/,
    );
    assert.match(text("dependency"), /command = "npx"\nargs = \["-y", "devlatch", "mcp"\]/);
    assert.doesNotMatch(text("registry"), /devlatch guard/);
  });

  it("takes of one agent only what no other has", () => {
    const paths = (names: readonly (typeof clientNames)[number][]) =>
      takenFor(names, "project").map(({ path }) => path);
    assert.deepEqual(paths(["cursor"]), [".cursor/mcp.json", ".cursor/hooks.json"]);
    assert.ok(paths(["claude"]).includes(".claude/skills/devlatch/SKILL.md"));
    assert.ok(!paths([...clientNames]).includes("AGENTS.md"));
  });

  it("is what most agents read, where none is known", () => {
    assert.deepEqual(
      madeBy("project", "path", []).map(({ path }) => path),
      [".mcp.json", "AGENTS.md"],
    );
    assert.deepEqual(madeBy("user", "path", []), []);
  });

  it("has the skill once: where Claude Code reads it, else where the others do", () => {
    const skills = (names: readonly (typeof clientNames)[number][]) =>
      madeBy("project", "path", names).flatMap(({ path }) => (path.endsWith("SKILL.md") ? [path] : []));
    assert.deepEqual(skills(["codex", "claude"]), [".claude/skills/devlatch/SKILL.md"]);
    assert.deepEqual(skills(["codex", "gemini"]), [".agents/skills/devlatch/SKILL.md"]);
  });
});
