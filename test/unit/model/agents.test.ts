import assert from "node:assert/strict";
import { test } from "node:test";
import { agentNamed, agentOf } from "../../../shared/model/agents.ts";
import { stopAfterAgentsOf } from "../../../shared/model/config.ts";

test("an agent is known by what it sets for its commands, not by what a person may have set", () => {
  const cases: readonly (readonly [Record<string, string>, string | undefined])[] = [
    [{ CLAUDECODE: "1" }, "Claude Code"],
    [{ CODEX_SANDBOX: "seatbelt" }, "Codex"],
    [{ CURSOR_AGENT: "1" }, "Cursor"],
    [{ CURSOR_TRACE_ID: "a person's own terminal in Cursor has it, too" }, undefined],
    [{ AI_AGENT: "goose" }, "goose"],
    [{ AGENT: "amp" }, "Amp"],
    [{ AGENT: "1" }, undefined],
    [{ AGENT: "\u001b[31mred" }, undefined],
    [{ AI_AGENT: "x".repeat(41) }, undefined],
    [{ CLAUDECODE: "0" }, undefined],
    [{ CLAUDECODE: "" }, undefined],
    [{ ANTHROPIC_API_KEY: "secret", PATH: "/bin" }, undefined],
    [{}, undefined],
  ];
  for (const [env, agent] of cases) assert.equal(agentOf(env), agent, JSON.stringify(env));
});

test("a client or program that is an agent has one name", () => {
  assert.equal(agentNamed("claude-code"), agentNamed("Claude"));
  assert.equal(agentNamed("bash"), undefined);
});

test("what agents alone used ends ten minutes after them, unless the app's file says what becomes of it unused", () => {
  assert.deepEqual(stopAfterAgentsOf(undefined), { afterMs: 600_000 });
  assert.deepEqual(stopAfterAgentsOf({}), { afterMs: 600_000 });
  assert.deepEqual(stopAfterAgentsOf({ stopAfterAgents: { afterMs: 500 } }), { afterMs: 500 });
  assert.equal(stopAfterAgentsOf({ stopAfterAgents: false }), undefined);
  assert.equal(stopAfterAgentsOf({ stopWhenUnused: false }), undefined);
  assert.deepEqual(stopAfterAgentsOf({ stopWhenUnused: false, stopAfterAgents: true }), { afterMs: 600_000 });
});
