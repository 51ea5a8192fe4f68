import assert from "node:assert/strict";
import { test } from "node:test";
import { healthNodes } from "../../../extension/views/health-nodes.ts";
import { lockNodes } from "../../../extension/views/lock-nodes.ts";
import { changedRows, renderingOf, spokenRow } from "../../../extension/views/rendering.ts";
import { serverNodes } from "../../../extension/views/server-nodes.ts";
import type { ViewNode } from "../../../extension/views/view-node.ts";
import { noAlerts } from "../../../shared/model/alert.ts";
import type { HealthComponent } from "../../../shared/model/health.ts";
import {
  clock,
  disconnected,
  folder,
  now,
  sandbox,
  session,
  states,
  summary,
  windowState,
} from "./samples.ts";

test("one folder's servers are listed flat, with state, port and command", () => {
  const [web] = serverNodes(windowState({ sessions: [session("web", states.ready)] }), clock);
  assert.deepEqual(
    [web?.label, web?.description, web?.contextValue],
    ["web", ":3001 · npm run dev", "server.ready"],
  );
});

test("a server that an agent had started names the agent", () => {
  const startedBy = { kind: "agent" as const, label: "agent Codex (process 7)" };
  const [web] = serverNodes(windowState({ sessions: [session("web", states.ready, { startedBy })] }), clock);
  assert.equal(web?.description, ":3001 · Codex · npm run dev");
});

test("a server that runs shows its memory, and in its tooltip CPU and processes too", () => {
  const resources = { time: now, cpuPercent: 12.4, memoryBytes: 412 * 1024 ** 2, processes: 5 };
  const sessions = [session("web", states.ready, { resources })];
  const [web] = serverNodes(windowState({ sessions }), clock);
  assert.equal(web?.description, ":3001 · 410 MB · npm run dev");
  assert.match(web?.tooltip ?? "", /Uses 412 MB and 12 % of a core in 5 processes/);
});

test("a task and what runs elsewhere are shown as what they are, without a server's buttons", () => {
  const apps = [
    { ...summary("schema", 0), task: true },
    { ...summary("db", 5432), command: "", external: { tcp: 5432, host: "localhost" } },
  ];
  const nodes = serverNodes(windowState({ folders: [folder("shop", sandbox(apps))] }), clock);
  assert.deepEqual(
    nodes.map(({ label, description, contextValue, command }) => [label, description, contextValue, command]),
    [
      ["schema", "task · npm run schema", "app.task", undefined],
      ["db", "external · localhost:5432", "app.external", undefined],
    ],
  );
  for (const { tooltip } of nodes) assert.doesNotMatch(tooltip ?? "", /Stopped|port: 0/);
  // Once it was made a task, the server that runs by that name is one still.
  const running = windowState({
    folders: [folder("shop", sandbox(apps))],
    sessions: [session("schema", states.ready)],
  });
  assert.equal(serverNodes(running, clock)[0]?.contextValue, "server.ready");
});

test("several folders show their names; a folder without anything says so", () => {
  const blog = sandbox([summary("web")], { sandboxId: "sb_2", root: "/work/blog" });
  const docs = sandbox([], { sandboxId: "sb_3", root: "/work/docs" });
  const folders = [folder("shop", sandbox([summary("web")])), folder("blog", blog), folder("docs", docs)];
  const nodes = serverNodes(windowState({ folders }), clock);
  assert.deepEqual(
    nodes.map(({ label, children }) => [label, children?.map((child) => child.label)]),
    [
      ["shop", ["web"]],
      ["blog", ["web"]],
      ["docs", ["No app found"]],
    ],
  );
});

test("a start says from the click on whom it waits for, until its record says how far it is", () => {
  const starts = new Map([["sb_1/web", { since: now - 3000, waitsFor: "api" }]]);
  const [waiting] = serverNodes(windowState({ starts }), clock);
  assert.deepEqual(
    [waiting?.description, waiting?.icon?.name],
    ["waiting for api · 3 s · npm run web", "loading~spin"],
  );
  const [begun] = serverNodes(windowState({ starts: new Map([["sb_1/web", { since: now }]]) }), clock);
  assert.match(begun?.description ?? "", /^starting · 0 s/);
  const [launched] = serverNodes(windowState({ starts, sessions: [session("web", states.starting)] }), clock);
  assert.match(launched?.description ?? "", /^starting, process runs/);
});

test("in Restricted Mode a click leads to trust, or shows the output", () => {
  const clicks = (["stopped", "starting", "ready", "failed"] as const).map((kind) => {
    const state = windowState({ sessions: [session("web", states[kind])], trusted: false });
    return serverNodes(state, clock)[0]?.command;
  });
  assert.deepEqual(clicks, ["devlatch.trust", "devlatch.logs", "devlatch.logs", "devlatch.logs"]);
});

test("a folder without an app says what would make one while others have rows; alone, the view says it", () => {
  const empty = folder("docs", sandbox([], { sandboxId: "sb_3" }));
  const foreign = session("web", states.ready, { sandboxId: "sb_9", root: "/work/blog" });
  const [row, group] = serverNodes(windowState({ folders: [empty], sessions: [foreign] }), clock);
  assert.deepEqual([row?.label, row?.command], ["No app found", "devlatch.openConfig"]);
  assert.match(row?.description ?? "", /Add a dev script to package\.json, or describe your apps/);
  assert.equal(group?.collapsed, false);
  assert.deepEqual(serverNodes(windowState({ folders: [empty] }), clock), []);
  assert.deepEqual(
    serverNodes(windowState({ folders: [empty, folder("more", sandbox([], { sandboxId: "sb_4" }))] }), clock),
    [],
  );
  assert.deepEqual(
    serverNodes(windowState({ folders: [folder("docs")], sessions: [foreign] }), clock).length,
    1,
    "not described yet",
  );
});

test("servers of other workspaces are in a group of their own, with the place they run in", () => {
  const foreign = session("web", states.ready, { sandboxId: "sb_9", root: "/work/blog" });
  const nodes = serverNodes(windowState({ sessions: [foreign] }), clock);
  const group = nodes.at(-1);
  assert.equal(group?.label, "Other Workspaces");
  assert.match(group?.children?.[0]?.description ?? "", /^blog · :3001/);
});

test("what is wrong with the files is listed, and a click opens the file at the line", () => {
  const file = "/work/shop/devlatch.json";
  const problem = { message: `${file}:3:5: no.`, remedy: "Fix it.", file, line: 3, column: 5 };
  const view = sandbox([], { problems: [problem] });
  const [node] = serverNodes(windowState({ folders: [folder("shop", view)] }), clock);
  assert.deepEqual(
    [node?.label, node?.file, node?.line, node?.column],
    ["devlatch.json:3:5: no.", file, 3, 5],
  );
});

test("a server that is there only as a script has a row that says so, and what adds it as an app", () => {
  const script = {
    ...{ app: "api", cwd: "/work/shop/api" },
    ...{ command: ["npm", "run", "watch"], script: "node --watch server.js" },
  };
  const scripts = [script, { ...script, app: "docs" }];
  const [web, api, docs] = serverNodes(
    windowState({ folders: [folder("shop", sandbox([summary("web")], { scripts }))] }),
    clock,
  );
  assert.notEqual(api?.id, docs?.id, "two of one package are two rows");
  assert.equal(web?.label, "web");
  assert.deepEqual(
    [api?.label, api?.description, api?.contextValue, api?.file],
    ["api", "not set up · node --watch server.js", "script.server", "/work/shop/api/package.json"],
  );
  const { script: _, ...newApp } = script;
  assert.deepEqual(api?.newApp, newApp);
});

test("while disconnected the last rows stay, greyed and marked, below one that reconnects", () => {
  const state = windowState({ link: disconnected, sessions: [session("web", states.ready)] });
  const [away, web, ...others] = serverNodes(state, clock);
  assert.deepEqual(
    [away?.label, away?.description, away?.command],
    ["Not connected to the daemon", "Reconnect", "devlatch.reconnect"],
  );
  assert.deepEqual(
    [web?.description, web?.icon?.color, web?.contextValue, web?.command],
    ["last seen: :3001 · npm run dev", "disabledForeground", "last.server", undefined],
  );
  assert.equal(web?.accessibleName, "web, ready on port 3001, as last seen");
  assert.deepEqual(others, []);
  assert.deepEqual([lockNodes(state, clock), healthNodes(state, clock)], [[], []]);
});

test("while disconnected with nothing known before, or from a daemon of another store, the view says that itself", () => {
  assert.deepEqual(serverNodes(windowState({ link: disconnected, folders: [folder("shop")] }), clock), []);
  const error = { code: "STORE_DIFFERS", message: "", remedy: "" } as const;
  assert.deepEqual(serverNodes(windowState({ link: { kind: "disconnected", error } }), clock), []);
});

test("only the row that looks different is rendered again, and all where rows come or go", () => {
  const at = (kind: keyof typeof states, more: string[] = []) => {
    const folders = [folder("shop", sandbox(["web", "api", ...more].map((app) => summary(app))))];
    return renderingOf(
      serverNodes(windowState({ folders, sessions: [session("web", states[kind])] }), clock),
    );
  };
  assert.deepEqual(changedRows(at("starting"), at("ready")), ["server:sb_1/web"]);
  assert.deepEqual(changedRows(at("ready"), at("ready")), []);
  assert.equal(changedRows(at("ready"), at("ready", ["docs"])), "all");
});

test("a lock shows what it is for, since when it is held and how many wait", () => {
  const lock = {
    key: "dev_server_start:{sb_1}:web",
    owner: "box, daemon 7",
    fence: 12,
    heldMs: 4000,
    ttlMs: 56_000,
    waiters: 2,
    silentMs: 900,
  };
  const [node] = lockNodes(windowState({ locks: [lock] }), clock);
  assert.equal(node?.label, "start of web");
  assert.equal(node?.description, `since T${now - 4000} · 2 waiting`);
  assert.match(node?.tooltip ?? "", /Fencing token 12/);
  assert.deepEqual([node?.contextValue, node?.lock], ["lock.held", lock.key]);
  const sentence = `start of web, held by box, daemon 7 since T${now - 4000}, 2 waiting`;
  assert.equal(node && spokenRow(node), sentence);
});

test("what is wrong with locks is on top of them, with the way out", () => {
  const alert = {
    id: "deadlock:a,b",
    kind: "deadlock",
    severity: "critical",
    keys: ["run:{sb_1}:a", "run:{sb_1}:b"],
    since: now - 1000,
    message: "None of these can go on: one; two.",
    remedy: "Cancel two.",
  } as const;
  const lock = {
    key: "run:{sb_1}:a",
    owner: "one",
    fence: 1,
    heldMs: 9,
    ttlMs: 9,
    waiters: 1,
    silentMs: 0,
  };
  const nodes = lockNodes(
    windowState({ lockAlerts: [{ ...alert, keys: [...alert.keys] }], locks: [lock] }),
    clock,
  );
  assert.deepEqual(
    nodes.map(({ id, label, description }) => [id, label, description?.split(" · ")[0]]),
    [
      ["alert:deadlock:a,b", "Deadlock", "run a → run b"],
      ["lock:run:{sb_1}:a", "run a", `since T${now - 9}`],
    ],
  );
  const { keys: _, ...told } = { ...alert, ...{ id: "lock-1", kind: "lock" as const, title: "Deadlock" } };
  const board = { ...noAlerts, alerts: [{ ...told, actions: [], notify: true, lockAlert: alert.id }] };
  const [snoozable] = lockNodes(windowState({ lockAlerts: [{ ...alert, keys: [] }], board }), clock);
  assert.deepEqual([snoozable?.contextValue, snoozable?.alert], ["alert", "lock-1"], "snoozed on its row");
  assert.match(nodes[0]?.tooltip ?? "", /since T999000.*one; two.*Cancel two/s);
  assert.deepEqual(nodes[0]?.icon, { name: "error", color: "testing.iconFailed" });
});

const fine = { status: "healthy", summary: "fine", latencyMs: 1, checkedAt: now - 12_300 } as const;
const allFine = { store: fine, database: fine, concurrency: fine, resources: fine, servers: fine };

test("checks are folded into one line with their age, and unfold with figure, age, threshold and the way to their history", () => {
  const measures = [{ id: "cpu", words: "CPU 12 %", unit: "%", warning: 70, critical: 90 } as const];
  const resources = { ...fine, since: 7, measures };
  const health = {
    status: "healthy" as const,
    components: { ...allFine, resources },
    checkedAt: now,
  };
  const rows = healthNodes(windowState({ health }), clock);
  assert.deepEqual(
    rows.map(({ label, description, collapsed }) => [label, description, collapsed]),
    [["All well", "checked 10 s ago", true]],
  );
  const found = rows[0]?.children?.find(({ label }) => label === "Resources");
  assert.equal(found?.collapsed, true);
  assert.deepEqual(
    found?.children?.map(({ label, description, command }) => [label, description, command]),
    [
      ["CPU 12 %", "a warning from 70 %, critical from 90 %", undefined],
      ["Checked 10 s ago", "took 1.0 ms, healthy since T7", undefined],
      ["History", "in the dashboard", "devlatch.openDashboard"],
    ],
  );
});

test("what isn't well is unfolded by itself, and each finding is told with its state", () => {
  const findings = [
    { id: "a", status: "critical", summary: "a is gone", since: 3 },
    { id: "b", status: "warning", summary: "b is slow", since: 4 },
  ] as const;
  const servers: HealthComponent = {
    status: "critical",
    summary: "a is gone · b is slow",
    latencyMs: 2.34,
    since: 3,
    checkedAt: 5,
    findings: [...findings],
  };
  const health = { status: "critical" as const, components: { ...allFine, servers }, checkedAt: 9 };
  const [row] = healthNodes(windowState({ health }), clock);
  const well = healthNodes(windowState({ health: { ...health, components: allFine } }), clock)[0];
  assert.deepEqual([row?.label, row?.collapsed], ["1 check isn't well", false]);
  assert.notEqual(row?.id, well?.id, "the editor keeps how a row was folded, by its id");
  const component = row?.children?.find(({ label }) => label === "Servers");
  assert.equal(component?.description, "a is gone · b is slow");
  assert.deepEqual(
    component?.children?.slice(0, 2).map(({ label, icon }) => [label, icon?.name]),
    [
      ["a is gone", "error"],
      ["b is slow", "warning"],
    ],
  );
  const tooltip =
    "**Servers**: critical since T3\n\ncritical: a is gone\n\nwarning: b is slow\n\nChecked at T5 in 2.3 ms";
  assert.equal(component?.tooltip, tooltip);
});

test("before the first look nothing is said to be well", () => {
  const unseen = { status: "unknown", summary: "Not checked yet", latencyMs: 0 } as const;
  const components = {
    ...{ store: unseen, database: unseen, concurrency: unseen, resources: unseen, servers: unseen },
  };
  const [row] = healthNodes(windowState({ health: { status: "unknown", components, checkedAt: 0 } }), clock);
  assert.deepEqual([row?.label, row?.description], ["Not checked yet", undefined]);
});

test("of checks that aren't known yet the folded row says so, under a grey mark, and worse is said instead", () => {
  const unseen = { status: "unknown", summary: "Not checked yet", latencyMs: 0 } as const;
  const rowOf = (components: Record<string, HealthComponent>) => {
    const health = { status: "healthy" as const, components: { ...allFine, ...components }, checkedAt: now };
    const [row] = healthNodes(windowState({ health }), clock);
    return [row?.label, row?.icon?.name, row?.icon?.color, row?.collapsed];
  };
  assert.deepEqual(rowOf({ database: unseen }), ["1 check unknown", "question", undefined, true]);
  assert.deepEqual(rowOf({ database: unseen, servers: unseen })[0], "2 checks unknown");
  const warned = { ...fine, status: "warning" as const };
  const both = ["1 check isn't well, 1 check unknown", "warning", "list.warningForeground", false];
  assert.deepEqual(rowOf({ database: unseen, servers: warned }), both);
  assert.deepEqual(rowOf({}), ["All well", "pass", "testing.iconPassed", true]);
});

test("every row of every view is a sentence to a screen reader: no Markdown, no marks", () => {
  const fine = { status: "healthy", summary: "fine · well", latencyMs: 1, checkedAt: now } as const;
  const components = { store: fine, database: fine, concurrency: fine, resources: fine, servers: fine };
  const locks = [
    { key: "run:{sb_1}:a", owner: "one", fence: 1, heldMs: 9, ttlMs: 9, waiters: 1, silentMs: 0 },
  ];
  const foreign = session("web", states.ready, { sandboxId: "sb_9", root: "/work/blog" });
  const state = windowState({
    ...{ health: { status: "healthy", components, checkedAt: now }, locks },
    sessions: [session("web", states.failed), foreign],
  });
  const flat = (nodes: readonly ViewNode[]): readonly ViewNode[] =>
    nodes.flatMap((node) => [node, ...flat(node.children ?? [])]);
  const rows = flat([...serverNodes(state, clock), ...lockNodes(state, clock), ...healthNodes(state, clock)]);
  assert.ok(rows.length > 8);
  for (const row of rows) assert.doesNotMatch(spokenRow(row), /[*`]| · |→|\[.*\]\(/, row.id);
});
