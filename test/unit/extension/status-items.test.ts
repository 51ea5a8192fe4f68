import assert from "node:assert/strict";
import { test } from "node:test";
import { actionsOn } from "../../../extension/state/server-actions.ts";
import { type Server, serversOf } from "../../../extension/state/servers.ts";
import { countsSeconds, statusItems } from "../../../extension/state/status-items.ts";
import type { WindowState } from "../../../extension/state/window-state.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { clock, disconnected, folder, sandbox, session, states, summary, windowState } from "./samples.ts";

const itemsOf = (state: WindowState, shown: readonly string[] = ["*"]) => statusItems(state, clock, shown);
const texts = (state: WindowState, shown?: readonly string[]) =>
  itemsOf(state, shown).map(({ text }) => text);
const failedBuild = { status: "failed" as const, since: 0, seq: 1, errors: [], warnings: 0, skipped: 0 };
const serverWith = (state: SessionState, given = {}): Server => {
  const [server] = serversOf(windowState({ sessions: [session("web", state, given)] }));
  if (server === undefined) throw new Error("The server is missing.");
  return server;
};
const withWeb = (kind: keyof typeof states) => windowState({ sessions: [session("web", states[kind])] });

test("the text says where the server stands", () => {
  assert.deepEqual(texts(withWeb("stopped")), ["$(circle-outline) web"]);
  assert.deepEqual(texts(withWeb("starting")), ["$(sync~spin) web 3s"]);
  assert.deepEqual(texts(withWeb("ready")), ["$(pass-filled) web :3001"]);
  assert.deepEqual(texts(withWeb("stopping")), ["$(sync~spin) web stopping"]);
  assert.deepEqual(texts(withWeb("failed")), ["$(error) web"]);
});

test("every app that is a server has an item, in the order of the files", () => {
  const task = { ...summary("seed"), task: true };
  const view = sandbox([summary("storybook", 6006), task, summary("web")]);
  const state = windowState({ folders: [folder("shop", view)] });
  assert.deepEqual(texts(state), ["$(circle-outline) storybook", "$(circle-outline) web"]);
  assert.deepEqual(texts(windowState({ folders: [] })), []);
});

test("the user says which apps have an item; what failed or crashed has one all the same", () => {
  const view = sandbox([summary("web"), summary("api"), summary("docs")]);
  const state = windowState({ folders: [folder("shop", view)], sessions: [session("api", states.failed)] });
  assert.deepEqual(texts(state, []), ["$(error) api"]);
  assert.deepEqual(texts(state, ["docs"]), ["$(error) api", "$(circle-outline) docs"]);
});

test("of too many apps those stay that need eyes or run, and an item stands for the others", () => {
  const names = Array.from({ length: 20 }, (_, index) => `app${index}`);
  const state = windowState({
    folders: [folder("shop", sandbox(names.map((name) => summary(name))))],
    sessions: [session("app19", states.failed), session("app18", states.ready)],
  });
  const shown = texts(state);
  assert.equal(shown.length, 9);
  assert.deepEqual(shown.slice(-3), ["$(pass-filled) app18 :3001", "$(error) app19", "$(ellipsis) 12 more"]);
});

test("an app that no file mentions has an item while it has a session", () => {
  const state = windowState({
    folders: [folder("shop", sandbox([]))],
    sessions: [session("mobile", states.ready)],
  });
  assert.deepEqual(texts(state), ["$(pass-filled) mobile :3001"]);
});

test("with several folders each server has an item that names its folder and is about that one", () => {
  const blog = sandbox([summary("web")], { sandboxId: "sb_2", root: "/work/blog" });
  const state = windowState({
    folders: [folder("shop", sandbox([summary("web")])), folder("blog", blog)],
    sessions: [session("web", states.ready), session("web", states.failed, { sandboxId: "sb_2" })],
  });
  assert.deepEqual(texts(state), ["$(pass-filled) shop/web :3001", "$(error) blog/web"]);
  const [one, two] = itemsOf(state);
  assert.notEqual(one?.id, two?.id);
  assert.deepEqual(two?.target, { app: "web", cwd: "/work/blog" });
});

test("build errors make the item of a ready server yellow; its label is a sentence", () => {
  const build = { ...failedBuild, errorCount: 2 };
  const state = windowState({ sessions: [session("web", states.ready, { build })] });
  const [item] = itemsOf(state);
  assert.deepEqual([item?.mood, item?.text], ["warning", "$(pass-filled) web :3001 $(error) 2"]);
  assert.equal(item?.label, "web, ready on port 3001, 2 build errors");
});

test("the tooltip leads to what can be done, and to nothing else", () => {
  const [item] = itemsOf(withWeb("ready"));
  assert.ok(item?.links.includes("devlatch.openInBrowser") && item.links.includes("devlatch.stop"));
  const linked = [...(item?.tooltip ?? "").matchAll(/\]\(command:([^?)]+)\?([^)]+)\)/g)];
  assert.deepEqual(
    linked.map(([, command]) => command),
    item?.links,
  );
  const [, , argument = ""] = linked[0] ?? [];
  assert.deepEqual(JSON.parse(decodeURIComponent(argument)), [item?.target]);
  assert.deepEqual(itemsOf({ ...withWeb("ready"), trusted: false })[0]?.links, []);
});

test("a folder's name can't end a link of the tooltip", () => {
  const odd = { ...folder("shop", sandbox([summary("web")])), path: "/work/a)[x](command:evil" };
  const [item] = itemsOf(windowState({ folders: [odd] }));
  const [, argument = ""] = /\]\(command:[^?]+\?([^)]+)\)/.exec(item?.tooltip ?? "") ?? [];
  assert.deepEqual(JSON.parse(decodeURIComponent(argument)), [{ app: "web", cwd: odd.path }]);
});

test("a record whose URL is no web address gets no link that works", () => {
  const evil = { ...states.ready, url: "command:devlatch.stopAll" };
  const [item] = itemsOf(windowState({ sessions: [session("web", evil)] }));
  assert.deepEqual(item?.links, []);
  assert.equal(
    actionsOn(serverWith(evil)).some(({ command }) => command === "devlatch.openInBrowser"),
    false,
  );
});

test("what can be done with a server follows its state, its errors first", () => {
  const titles = (state: SessionState, given = {}) =>
    actionsOn(serverWith(state, given)).map(({ title }) => title);
  const build = { ...failedBuild, errorCount: 1 };
  assert.deepEqual(titles(states.ready, { build }), [
    "Open in Browser",
    "Open Preview",
    "1 Error → Problems",
    "Open Terminal",
    "Show Output",
    "Attach Debugger",
    "Restart",
    "Stop",
  ]);
  assert.deepEqual(titles(states.failed)[0], "Show Output");
  assert.equal(titles(states.stopped)[0], "Start");
  assert.equal(titles(states.stopping).includes("Stop"), false);
});

test("while disconnected the items say so and a click reconnects", () => {
  const [item] = itemsOf({ ...withWeb("ready"), link: disconnected });
  assert.equal(item?.text, "$(debug-disconnect) web");
  assert.equal(item?.command, "reconnect");
  assert.match(item?.tooltip ?? "", /Not connected[\s\S]*No daemon runs\./);
});

test("a window that the daemon is of no use to says so, and a click restarts the daemon", () => {
  for (const [code, message, label] of [
    ["STORE_DIFFERS", "It uses another Redis.", /another store$/],
    ["NETWORK_DIFFERS", "It is in a container.", /another network$/],
  ] as const) {
    const error = { code, message, remedy: "Stop it." };
    const [item] = itemsOf({ ...withWeb("ready"), link: { kind: "disconnected", error } });
    assert.deepEqual([item?.command, item?.mood], ["restartDaemon", "problem"]);
    assert.ok(item?.tooltip.includes(message) && item.tooltip.includes("Click to restart the daemon"));
    assert.match(item?.label ?? "", label);
  }
});

test("while the store is away a stopped server says so and why; one that runs is shown as ever", () => {
  const away = {
    status: "critical",
    summary: "redis://box doesn't answer. Start Redis.",
    latencyMs: 9,
  } as const;
  const fine = { status: "healthy", summary: "", latencyMs: 1 } as const;
  const components = { store: away, database: fine, concurrency: fine, resources: fine, servers: fine };
  const health = { status: "critical", components, checkedAt: 0 } as const;
  const [item] = itemsOf({ ...withWeb("stopped"), health });
  assert.deepEqual([item?.text, item?.mood, item?.command], ["$(warning) web", "problem", "serverMenu"]);
  assert.match(item?.tooltip ?? "", /nothing new is started.*go on running[\s\S]*Start Redis/);
  assert.deepEqual(texts({ ...withWeb("ready"), health }), ["$(pass-filled) web :3001"]);
  const back = { ...health, components: { ...components, store: fine } };
  assert.deepEqual(texts({ ...withWeb("stopped"), health: back }), ["$(circle-outline) web"]);
});

test("a trusted window that never reached the daemon says so; one that only looks keeps quiet", () => {
  const unknown = windowState({ link: disconnected, folders: [folder("shop")] });
  assert.deepEqual(texts(unknown), ["$(debug-disconnect) Devlatch"]);
  assert.deepEqual(texts({ ...unknown, trusted: false }), []);
});

test("the tooltip of a ready server has URL, command, process and time", () => {
  const [item] = itemsOf(withWeb("ready"));
  const tooltip = item?.tooltip ?? "";
  for (const fact of ["(http://localhost:3001)", "`npm run dev`", "4711", `T${states.ready.since}`]) {
    assert.ok(tooltip.includes(fact), `${fact} is missing in ${tooltip}`);
  }
});

test("the tooltip names who uses the server", () => {
  const holders = ["window of shop", "terminal pts/3, bash"].map((label) => ({
    kind: "window" as const,
    label,
    since: 0,
    machine: "box",
  }));
  const state = windowState({ sessions: [session("web", states.ready, { holders })] });
  const [item] = itemsOf(state);
  assert.match(item?.tooltip ?? "", /Used by: window of shop; terminal pts\/3, bash/);
});

test("the tooltip says who had it started, and when; the sidebar names an agent", () => {
  const startedBy = { kind: "agent" as const, label: "agent Claude Code (process 7)" };
  const sessions = [session("web", states.ready, { startedBy, startedAt: 5 })];
  const [item] = itemsOf(windowState({ sessions }));
  assert.match(item?.tooltip ?? "", /Started by Claude Code, at T5/);
});

test("an error's text can't become markup in the tooltip", () => {
  const failed = {
    ...states.failed,
    error: { ...states.failed.error, message: "![x](http://evil/) `a` <b>" },
  };
  const [item] = itemsOf(windowState({ sessions: [session("web", failed)] }));
  assert.ok(item?.tooltip.includes("\\!\\[x\\]\\(http://evil/\\) \\`a\\` \\<b\\>"), item?.tooltip);
});

test("time matters only while a server starts", () => {
  assert.equal(countsSeconds(withWeb("starting")), true);
  assert.equal(countsSeconds(withWeb("ready")), false);
  assert.equal(countsSeconds({ ...withWeb("starting"), link: disconnected }), false);
});

test("a clock that lags behind the daemon's never counts below zero", () => {
  const ahead = { ...states.starting, since: clock.now() + 5000 };
  assert.deepEqual(texts(windowState({ sessions: [session("web", ahead)] })), ["$(sync~spin) web 0s"]);
});
