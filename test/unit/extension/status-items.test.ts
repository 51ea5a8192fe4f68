import assert from "node:assert/strict";
import { test } from "node:test";
import { countsSeconds, statusItems } from "../../../extension/state/status-items.ts";
import type { WindowState } from "../../../extension/state/window-state.ts";
import { clock, disconnected, folder, sandbox, session, states, summary, windowState } from "./samples.ts";

const texts = (state: WindowState) => statusItems(state, clock).map(({ text }) => text);
const withWeb = (kind: keyof typeof states) => windowState({ sessions: [session("web", states[kind])] });

test("the text says where the server stands", () => {
  assert.deepEqual(texts(withWeb("stopped")), ["$(circle-outline) web"]);
  assert.deepEqual(texts(withWeb("starting")), ["$(sync~spin) web 3s"]);
  assert.deepEqual(texts(withWeb("ready")), ["$(pass-filled) web :3001"]);
  assert.deepEqual(texts(withWeb("stopping")), ["$(sync~spin) web stopping"]);
  assert.deepEqual(texts(withWeb("failed")), ["$(error) web"]);
});

test("only web and mobile have an item, and only where they exist", () => {
  const view = sandbox([summary("storybook", 6006), summary("mobile", 8081)]);
  assert.deepEqual(texts(windowState({ folders: [folder("shop", view)] })), ["$(circle-outline) mobile"]);
  assert.deepEqual(texts(windowState({ folders: [] })), []);
});

test("an app that no file mentions has an item while it has a session", () => {
  const state = windowState({
    folders: [folder("shop", sandbox([]))],
    sessions: [session("mobile", states.ready)],
  });
  assert.deepEqual(texts(state), ["$(pass-filled) mobile :3001"]);
});

test("of several folders' servers the item shows the one that needs eyes most, the tooltip all of them", () => {
  const blog = sandbox([summary("web")], { sandboxId: "sb_2", root: "/work/blog" });
  const state = windowState({
    folders: [folder("shop", sandbox([summary("web")])), folder("blog", blog)],
    sessions: [session("web", states.ready), session("web", states.failed, { sandboxId: "sb_2" })],
  });
  const [item] = statusItems(state, clock);
  assert.equal(item?.text, "$(error) web");
  assert.match(item?.tooltip ?? "", /\*\*web\*\* in shop[\s\S]*\*\*web\*\* in blog/);
});

test("while disconnected the items say so and a click reconnects", () => {
  const [item] = statusItems({ ...withWeb("ready"), link: disconnected }, clock);
  assert.equal(item?.text, "$(debug-disconnect) web");
  assert.equal(item?.command, "reconnect");
  assert.match(item?.tooltip ?? "", /Not connected[\s\S]*No daemon runs\./);
});

test("a window that refuses the daemon's store says so, and a click restarts the daemon", () => {
  const error = { code: "STORE_DIFFERS", message: "It uses another Redis.", remedy: "Stop it." } as const;
  const [item] = statusItems({ ...withWeb("ready"), link: { kind: "disconnected", error } }, clock);
  assert.deepEqual([item?.command, item?.mood], ["restartDaemon", "problem"]);
  assert.match(item?.tooltip ?? "", /another Redis[\s\S]*Click to restart the daemon/);
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
  const [item] = statusItems({ ...withWeb("stopped"), health }, clock);
  assert.deepEqual([item?.text, item?.mood, item?.command], ["$(warning) web", "problem", "toggleWeb"]);
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
  const [item] = statusItems(withWeb("ready"), clock);
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
  const [item] = statusItems(state, clock);
  assert.match(item?.tooltip ?? "", /Used by: window of shop; terminal pts\/3, bash/);
});

test("the tooltip says who had it started, and when; the sidebar names an agent", () => {
  const startedBy = { kind: "agent" as const, label: "agent Claude Code (process 7)" };
  const sessions = [session("web", states.ready, { startedBy, startedAt: 5 })];
  const [item] = statusItems(windowState({ sessions }), clock);
  assert.match(item?.tooltip ?? "", /Started by Claude Code, at T5/);
});

test("an error's text can't become markup in the tooltip", () => {
  const failed = {
    ...states.failed,
    error: { ...states.failed.error, message: "![x](http://evil/) `a` <b>" },
  };
  const [item] = statusItems(windowState({ sessions: [session("web", failed)] }), clock);
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
