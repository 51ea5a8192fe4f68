import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { config } from "@vscode/l10n";
import { beginHtml } from "../../../extension/begin/begin-html.ts";
import { actionsOn } from "../../../extension/state/server-actions.ts";
import { serversOf } from "../../../extension/state/servers.ts";
import { statusItems } from "../../../extension/state/status-items.ts";
import { healthNodes } from "../../../extension/views/health-nodes.ts";
import { lockNodes } from "../../../extension/views/lock-nodes.ts";
import { serverNodes } from "../../../extension/views/server-nodes.ts";
import type { ViewNode } from "../../../extension/views/view-node.ts";
import type { BuildView } from "../../../shared/model/output.ts";
import { pseudo, pseudoTexts } from "../../support/pseudo-language.ts";
import { clock, now, session, states, windowState } from "./samples.ts";

afterEach(() => config({ contents: {} }));

const displaced = { ...states.ready, displaced: { port: 3000, by: "node old.js" } };
const build: BuildView = {
  ...{ status: "failed", since: now, seq: 1, errors: [], errorCount: 2, warnings: 0, skipped: 0 },
};
const state = windowState({
  sessions: [
    session("web", displaced, { build }),
    session("api", states.failed, { holders: [] }),
    session("docs", states.starting),
    session("old", { kind: "stopped", since: now }, { sandboxId: "sb_9", root: "/work/blog" }),
  ],
  locks: [{ key: "run:{sb_1}:a", owner: "one", fence: 1, heldMs: 9, ttlMs: 9, waiters: 1, silentMs: 0 }],
  health: healthOf("healthy"),
});

/** What others wrote, names and figures: what may stand outside of a translated text. */
const foreign =
  /node old\.js|web|api|docs|old|shop|npm run dev|next|boom|fine|one|It ended\.|Look at its output\.|https?:\S+|MB|CPU/g;

test("in another language no word of a row, a tooltip or the status bar stays English", () => {
  config({ contents: pseudoTexts() });
  const flat = (nodes: readonly ViewNode[]): readonly ViewNode[] =>
    nodes.flatMap((node) => [node, ...flat(node.children ?? [])]);
  const rows = flat([...serverNodes(state, clock), ...lockNodes(state, clock), ...healthNodes(state, clock)]);
  const items = statusItems(state, clock, ["*"]);
  const shown = [
    ...rows.flatMap((row) => [row.label, row.description, row.accessibleName, row.tooltip]),
    ...items.flatMap(({ text, label }) => [text, label]),
    ...serversOf(state).flatMap((server) => actionsOn(server).map(({ title }) => title)),
  ].filter((text) => text !== undefined);
  assert.ok(shown.length > 40);
  assert.deepEqual(
    shown.filter((text) => /[A-Za-z]{2,}/.test(ours(text))),
    [],
  );
  assert.match(
    beginHtml({ kind: "trust", servers: [] }, ""),
    new RegExp(`<button[^>]*>${pseudo("Trust This Workspace…")}`),
  );
});

test("a translation says things in its own order, and what it lacks is said in English", () => {
  config({
    contents: { "{0} is taken by {1}": "{1} hat {0}", "{0}, ready on port {1}": "{0} ist auf {1} da" },
  });
  const [web] = serverNodes(state, clock);
  assert.match(web?.description ?? "", /\(node old\.js hat 3000\), 2 errors/);
  assert.equal(web?.accessibleName, "web ist auf 3001 da, because node old.js hat 3000, 2 build errors");
});

test("braces in what others wrote are no places of a text", () => {
  const odd = { ...states.ready, displaced: { port: 3000, by: "node {0} {1}" } };
  const [web] = serverNodes(windowState({ sessions: [session("web", odd)] }), clock);
  assert.match(web?.description ?? "", /3000 is taken by node \{0\} \{1\}/);
});

/** Without what isn't ours to translate. */
function ours(text: string): string {
  return text
    .replaceAll(/`[^`]*`|\]\([^)]*\)|\$\([a-z~-]+\)|T\d+/g, "")
    .replaceAll("\\", "")
    .replaceAll(foreign, "");
}

function healthOf(status: "healthy") {
  const fine = { status, summary: "fine", latencyMs: 1, since: 1, checkedAt: now };
  const components = { store: fine, database: fine, concurrency: fine, resources: fine, servers: fine };
  return { status, components, checkedAt: now };
}
