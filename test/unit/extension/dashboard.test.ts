import assert from "node:assert/strict";
import { test } from "node:test";
import type { WindowState } from "../../../extension/state/window-state.ts";
import {
  buildMarks,
  latencySeries,
  lockRows,
  marksOf,
  resourceSeries,
  serverPlots,
  withSample,
} from "../../../extension/webview/dashboard-data.ts";
import { Gathering } from "../../../extension/webview/gathering.ts";
import { pageHtml } from "../../../extension/webview/html.ts";
import { type CheckRow, checksWords, spans } from "../../../extension/webview/page-data.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { KeySummary } from "../../../shared/model/concurrency.ts";
import type { JournalEntry } from "../../../shared/model/journal.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { session, states, windowState } from "./samples.ts";

const minute = 60_000;
const build = { status: "failed", since: 1, errorCount: 1, warnings: 0, skipped: 0 } as const;
const sample = (time: number, cpuPercent = 5) => ({
  time,
  cpuPercent,
  memoryBytes: 2 * 1024 * 1024,
  processes: 3,
});
const spread = (average: number) => ({ average, max: average * 2 });
const minuteAt = (time: number) => ({
  time,
  cpuPercent: spread(1),
  memoryBytes: spread(1024 * 1024),
  processes: spread(2),
});

test("minutes come before the single samples, each moment once, and only as far back as asked", () => {
  const minutes = [0, 1, 2, 3].map((at) => minuteAt(at * minute));
  const history = { minutes, samples: [sample(3 * minute + 5_000), sample(3 * minute + 8_000)] };
  const [cpu, memory, processes] = resourceSeries(history, minute);
  assert.deepEqual(cpu?.times, [minute, 2 * minute, 3 * minute + 5_000, 3 * minute + 8_000]);
  assert.deepEqual(cpu?.points, [1, 1, 5, 5]);
  assert.deepEqual(memory?.points, [1, 1, 2, 2]);
  assert.deepEqual(processes?.points, [2, 2, 3, 3]);
});

test("where nothing is known the line has a gap", () => {
  const history = { minutes: [minuteAt(0), minuteAt(minute), minuteAt(20 * minute)], samples: [] };
  assert.deepEqual(resourceSeries(history, 0)[0]?.points, [1, 1, null, 1]);
});

test("a delta adds its sample once", () => {
  const history = { minutes: [], samples: [sample(10)] };
  assert.equal(withSample(history, sample(10)), history);
  assert.equal(withSample(history, undefined), history);
  assert.deepEqual(
    withSample(history, sample(20)).samples.map(({ time }) => time),
    [10, 20],
  );
});

test("a server's starts, crashes, restarts and stops are marked, phases and other servers are not", () => {
  const starting = (phase: "launching" | "spawned") => ({ kind: "starting", since: 0, phase }) as const;
  const { error } = states.failed;
  const restarting = { kind: "restarting", since: 0, at: 1, attempt: 1, error } as const;
  let time = 0;
  const entry = (state: SessionState, name = "dev_server_web"): JournalEntry => {
    time += 10;
    return { seq: time, time, event: { kind: "session", sandboxId: "sb_1", session: name, state } };
  };
  const entries = [
    entry(starting("launching")),
    entry(starting("spawned")),
    entry(states.failed, "dev_server_api"),
    entry(states.ready),
    entry(restarting),
    entry(starting("launching")),
    entry(states.failed),
    entry(states.stopped),
  ];
  const marks = marksOf({ sandboxId: "sb_1", app: "web" }, entries, 0);
  assert.deepEqual(
    marks.map(({ time, kind, text }) => [time, kind, text]),
    [
      [10, "start", ""],
      [50, "restart", "It ended."],
      [70, "crash", "It ended."],
      [80, "stop", ""],
    ],
  );
  assert.equal(marksOf({ sandboxId: "sb_1", app: "web" }, entries, 60).length, 2);
});

test("errors of one build are one mark, and text of others is plain and bounded", () => {
  const marks = buildMarks(
    [
      { time: 0, message: "\u001b[31mbroken\u001b[0m" },
      { time: 10, message: "too" },
      { time: 5_000, message: "x".repeat(9_999) },
    ],
    0,
  );
  assert.deepEqual(
    marks.map(({ time, text }) => [time, text.length]),
    [
      [0, 6],
      [5_000, 300],
    ],
  );
});

test("a server says where it is, how it is, and who uses it; its marks are in order of time", () => {
  const known = {
    history: { minutes: [], samples: [] },
    marks: [
      { time: 9, kind: "crash", text: "" },
      { time: 5, kind: "start", text: "" },
    ] as const,
  };
  const startedBy = { kind: "agent", label: "claude" } as const;
  const plots = serverPlots(session("web", states.ready, { startedBy }), "k", known, { from: 0, now: 10 });
  assert.match(plots.words, /^\/work\/shop · ready · http:\/\/localhost:3001 · Claude Code/);
  assert.deepEqual(
    plots.marks.map(({ kind }) => kind),
    ["start", "crash"],
  );
});

test("latency is told apart by store and database", () => {
  const look = (component: "store" | "database" | "servers", time: number, average: number) => ({
    component,
    time,
    spanMs: 0,
    looks: 1,
    status: "healthy" as const,
    summary: "",
    latencyMs: { average, max: average },
    values: {},
  });
  const looks = [look("store", 1, 0.5), look("database", 2, 3), look("servers", 3, 9), look("store", 4, 0.7)];
  assert.deepEqual(
    latencySeries(looks, 0).map(({ label, points }) => [label, points]),
    [
      ["Store", [0.5, 0.7]],
      ["Database", [3]],
    ],
  );
});

test("locks that are waited for come first; what never happened has no figures", () => {
  const timing = { count: 2, p50: 1, p99: 9, max: 9 };
  const none = { ...timing, count: 0 };
  const key = (name: string, waiters: number): KeySummary => ({
    key: name,
    attempts: 1,
    grants: 1,
    failures: 0,
    holder: null,
    waiters,
    wait: timing,
    hold: none,
  });
  const rows = lockRows([key("idle", 0), key("busy", 2)]);
  assert.deepEqual(
    rows.map(({ key, wait, hold }) => [key, wait, hold]),
    [
      ["busy", [1, 9], null],
      ["idle", [1, 9], null],
    ],
  );
});

test("checks collapse to one line", () => {
  const check = (status: CheckRow["status"], checkedAt: number | null = 1_000): CheckRow => ({
    name: "store",
    status,
    summary: "",
    latencyMs: 1,
    checkedAt,
  });
  assert.equal(checksWords([check("healthy"), check("healthy", 500)], 13_000), "All well · checked 12 s ago");
  assert.equal(
    checksWords([check("critical"), check("healthy")], 1_000),
    "1 check isn't well · checked 0 s ago",
  );
  assert.equal(checksWords([check("unknown")], 601_000), "1 unknown · checked 10 min ago");
  assert.equal(checksWords([check("healthy", null)], 9), "Not checked yet");
});

test("the page may run its own script alone and load nothing from elsewhere", () => {
  const parts = { script: "s:/a.js", style: "s:/a.css", origin: "s:", title: '"><script>evil' };
  const html = pageHtml(parts, "once");
  assert.match(html, /default-src 'none'; script-src 'nonce-once'; style-src s:;/);
  assert.equal(html.match(/<script/g)?.length, 1);
  assert.doesNotMatch(html, /unsafe|https?:/);
});

test("a week of looks is asked for once a check, for store and database", async () => {
  const asked: string[] = [];
  const current = windowState({ link: { kind: "disconnected", error: new Error("") as never } });
  const health = { status: "healthy", checkedAt: 7, components: {} } as never;
  const gathering = new Gathering(
    { current: { ...current, health }, onChanged: () => ({ dispose: () => {} }) },
    {
      request: (method, params) => {
        if (method === "health/history") asked.push(JSON.stringify(params));
        return Promise.resolve({ samples: [], next: null } as never);
      },
    },
  );
  await gathering.refresh();
  await gathering.refresh();
  gathering.dispose();
  assert.equal(asked.length, 2);
  assert.match(asked.join(), /"store".*"database"/);
});

test("a flood of changes asks for the past once, and the newest sample of each is taken", () => {
  const changed = new Emitter<WindowState>();
  const asked: string[] = [];
  const state = (time: number) =>
    windowState({
      link: { kind: "connected" },
      sessions: [
        session("web", states.ready, { resources: sample(time), build: { ...build, errors: [], seq: time } }),
      ],
    });
  const gathering = new Gathering(
    { current: state(1), onChanged: changed.event },
    {
      request: (method) => {
        asked.push(method);
        return new Promise(() => {});
      },
    },
  );
  for (let time = 2; time < 2_000; time++) changed.fire(state(time));
  const { servers } = gathering.data(2_000);
  gathering.dispose();
  assert.equal(asked.filter((method) => method === "journal/read").length, 1);
  assert.equal(servers[0]?.series[0]?.times.at(-1), 1_999);
  assert.ok((servers[0]?.series[0]?.times.length ?? 0) <= 600);
});

test("with the daemon away what is known is shown, with the reason", async () => {
  const error = new DevlatchError("DAEMON_UNAVAILABLE", "No daemon runs.", "Start one.");
  const current = windowState({
    sessions: [session("web", states.ready, { resources: sample(1_000_000) })],
    link: { kind: "disconnected", error },
  });
  const gathering = new Gathering(
    { current, onChanged: () => ({ dispose: () => {} }) },
    { request: () => Promise.reject(error) },
  );
  await gathering.refresh();
  gathering.span = "day";
  const { away, servers, span } = gathering.data(1_000_000);
  gathering.dispose();
  assert.deepEqual([away, span, servers[0]?.series[0]?.points], ["No daemon runs.", "day", [5]]);
  assert.ok(spans.day > spans.minutes);
});
