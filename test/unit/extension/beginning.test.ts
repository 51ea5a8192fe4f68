import assert from "node:assert/strict";
import { test } from "node:test";
import { beginHtml } from "../../../extension/begin/begin-html.ts";
import { commands } from "../../../extension/contributions/commands.ts";
import { beginningOf } from "../../../extension/state/beginning.ts";
import { statusItems } from "../../../extension/state/status-items.ts";
import type { WindowState } from "../../../extension/state/window-state.ts";
import { serverNodes } from "../../../extension/views/server-nodes.ts";
import { clock, disconnected, folder, sandbox, session, states, summary, windowState } from "./samples.ts";

/** A window that no daemon has told anything. */
function unreached(given: Partial<WindowState> = {}): WindowState {
  const shop = { ...folder("shop", sandbox([summary("web")])), isFromFiles: true } as const;
  return windowState({ link: disconnected, trusted: false, folders: [shop], ...given });
}

test("an untrusted workspace shows its apps by their files, and each row leads to trust alone", () => {
  const nodes = serverNodes(unreached(), clock);
  assert.deepEqual(
    nodes.map(({ label, description, command }) => [label, description, command]),
    [["web", "npm run web, port 3000", commands.trust.id]],
  );
  assert.deepEqual(statusItems(unreached(), clock, ["*"]), []);
});

test("a daemon that can't be reached is said above what the files name, and a row starts its app by name", () => {
  const [away, web] = serverNodes(unreached({ trusted: true }), clock);
  assert.equal(away?.command, commands.reconnect.id);
  assert.deepEqual([web?.command, web?.app, web?.cwd], [commands.start.id, "web", "/work/shop"]);
  assert.doesNotMatch(web?.description ?? "", /last seen|stopped/);
});

test("a workspace in which nothing was started yet begins with a button for each server", () => {
  assert.equal(beginningOf(windowState()).kind, "start");
  assert.equal(beginningOf(unreached()).kind, "trust");
  assert.equal(beginningOf(windowState({ trusted: false })).kind, "trust");
  assert.equal(beginningOf(windowState({ link: { kind: "connecting" } })).kind, "none");
  assert.equal(beginningOf(windowState({ sessions: [session("web", states.stopped)] })).kind, "none");
  assert.equal(beginningOf(windowState({ folders: [folder("shop", sandbox([]))] })).kind, "none");
});

test("the button says what it starts, and what a project wrote stays text", () => {
  assert.match(beginHtml(beginningOf(windowState()), "n"), />Start web \(npm run web, port 3000\)<\/button>/);
  const hostile = { ...summary("web"), command: `"><img src=x onerror=alert(1)><script>` };
  const html = beginHtml(beginningOf(windowState({ folders: [folder("shop", sandbox([hostile]))] })), "n");
  assert.equal(html.includes("<img"), false);
  assert.match(html, /&quot;&gt;&lt;img src=x/);
});
