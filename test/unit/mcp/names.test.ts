import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOf } from "../../../daemon/mcp/agent.ts";
import { parseOutputUri } from "../../../daemon/mcp/output-uri.ts";

test("an agent is called what people know it by; what it says of itself can't act", () => {
  assert.equal(nameOf({ name: "claude-code" }), "Claude Code");
  assert.equal(nameOf({ name: "codex-mcp-client", title: "anything" }), "Codex");
  assert.equal(nameOf({ name: "acme", title: "Acme Agent" }), "Acme Agent");
  assert.equal(nameOf({ name: " " }), "an agent");
  assert.equal(nameOf({ name: "a\u001b[2J\nb" }), "a\ufffdb");
  assert.equal(nameOf({ name: "x".repeat(10_000) }).length, 61);
});

test("an address of output is one session's, and nothing else is one", () => {
  assert.deepEqual(parseOutputUri("devlatch://output/sb_0123456789abcdef/web"), {
    sandboxId: "sb_0123456789abcdef",
    app: "web",
  });
  assert.equal(parseOutputUri("devlatch://output/team-box/web?cursor=12")?.cursor, 12);
  for (const bad of [
    "devlatch://output/../web",
    "devlatch://output/a/web/../../x",
    "file:///etc/passwd",
    "devlatch://output/a/web?cursor=-1",
    "devlatch://output//web",
    "devlatch://output/a/Web",
  ])
    assert.equal(parseOutputUri(bad), undefined, bad);
});
