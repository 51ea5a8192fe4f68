import assert from "node:assert/strict";
import { test } from "node:test";
import { startsDevlatch } from "../../../extension/agents/mcp-file.ts";
import { offerOf } from "../../../extension/agents/offered.ts";
import { prepared } from "../../../extension/agents/prepared.ts";
import type { WindowState } from "../../../extension/state/window-state.ts";
import { tools } from "../../../shared/agents/tools.ts";

const session = {
  ...{ app: "web", root: "/srv/shop", state: { kind: "ready" } },
  holders: [{ kind: "window", label: "window of shop" }],
};
const state = {
  folders: [{ name: "shop", path: "/srv/shop" }],
  sessions: [session],
} as unknown as WindowState;

function shown(name: string, input: unknown) {
  const tool = tools.find((one) => one.name === name);
  assert.ok(tool);
  return prepared(tool, input, state);
}

test("a person sees what an agent is about to do, where, and who else uses it", () => {
  const stop = shown("devlatch_stop", { app: "web" });
  assert.deepEqual(stop.confirmationMessages, {
    title: "Stop a dev server: web",
    message: "In /srv/shop. It is used by window of shop.",
  });
  assert.equal(shown("devlatch_stop", {}).confirmationMessages?.message, stop.confirmationMessages?.message);
  assert.equal(shown("devlatch_stop", { app: "api" }).confirmationMessages?.message, "In /srv/shop.");
  const elsewhere = shown("devlatch_stop", { app: "web", directory: "/srv/other" });
  assert.equal(elsewhere.confirmationMessages?.message, "In /srv/other.");
});

test("what only looks asks nothing, and hostile words act nowhere", () => {
  for (const name of ["devlatch_status", "devlatch_wait", "devlatch_logs"])
    assert.equal(shown(name, { app: "web" }).confirmationMessages, undefined, name);
  const hostile = shown("devlatch_start", { app: "\u001b[2Jweb\u202e", directory: 7 });
  assert.equal(hostile.confirmationMessages?.title, "Start or reuse a dev server: web\ufffd");
  for (const input of [undefined, null, 7, [], "web"])
    assert.equal(shown("devlatch_stop", input).confirmationMessages?.title, "Stop a dev server");
});

test("a project's own file of servers names Devlatch, or doesn't", () => {
  const file = (server: unknown) => `{ "servers": { "x": ${JSON.stringify(server)} }, } // a comment`;
  assert.equal(startsDevlatch(file({ command: "devlatch", args: ["mcp"] })), true);
  assert.equal(startsDevlatch(file({ command: "npx", args: ["-y", "devlatch", "mcp"] })), true);
  assert.equal(
    startsDevlatch(file({ command: "node", args: ["node_modules/devlatch/dist/devlatch.js", "mcp"] })),
    true,
  );
  for (const other of [{ command: "mcp" }, { command: "devlatch", args: "mcp" }, { url: "x" }, null, 7])
    assert.equal(startsDevlatch(file(other)), false, JSON.stringify(other));
  for (const text of ["", "[]", "{", '{"servers": 7}']) assert.equal(startsDevlatch(text), false, text);
});

test("tools of the editor or a server, never both, and neither where the project's own file names it", () => {
  const bare = { isNamed: false, hasTools: true };
  assert.equal(offerOf("tools", bare), "tools");
  assert.equal(offerOf("server", bare), "server");
  assert.equal(offerOf("off", bare), "none");
  assert.equal(offerOf("tools", { ...bare, hasTools: false }), "server", "an editor that has no tools");
  for (const wanted of ["tools", "server", "off"] as const)
    assert.equal(offerOf(wanted, { ...bare, isNamed: true }), "none");
});
