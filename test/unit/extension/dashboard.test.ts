import assert from "node:assert/strict";
import { test } from "node:test";
import type { WindowState } from "../../../extension/state/window-state.ts";
import { checkRows } from "../../../extension/webview/check-rows.ts";
import { buildMarks, lockRows, marksOf, serverPlots } from "../../../extension/webview/dashboard-data.ts";
import { Gathering } from "../../../extension/webview/gathering.ts";
import { pageHtml } from "../../../extension/webview/html.ts";
import { type CheckRow, checksWords, spans, type WaitNode } from "../../../extension/webview/page-data.ts";
import { latencySeries, serverSeries, withSample } from "../../../extension/webview/series.ts";
import { waitsOf } from "../../../extension/webview/waits.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { type KeySummary, noConcurrency } from "../../../shared/model/concurrency.ts";
import type { HealthComponentName } from "../../../shared/model/health.ts";
import type { HealthSample } from "../../../shared/model/health-history.ts";
import type { JournalEntry } from "../../../shared/model/journal.ts";
import { serverValue } from "../../../shared/model/server-values.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { granted, queued } from "../monitor/samples.ts";
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

const unchecked = { key: "k", checks: [] };
/** A look at a component, or an hour of them. */
const look = (
  component: HealthComponentName,
  time: number,
  given: Partial<HealthSample> = {},
): HealthSample => ({
  component,
  time,
  spanMs: 0,
  looks: 1,
  status: "healthy",
  summary: "",
  latencyMs: { average: 1, max: 1 },
  values: {},
  ...given,
});

test("minutes come before the single samples, each moment once, and only as far back as asked", () => {
  const minutes = [0, 1, 2, 3].map((at) => minuteAt(at * minute));
  const history = { minutes, samples: [sample(3 * minute + 5_000), sample(3 * minute + 8_000)] };
  const [cpu, memory, processes] = serverSeries(history, unchecked, minute);
  assert.deepEqual(cpu?.times, [minute, 2 * minute, 3 * minute + 5_000, 3 * minute + 8_000]);
  assert.deepEqual(cpu?.points, [1, 1, 5, 5]);
  assert.deepEqual(memory?.points, [1, 1, 2, 2]);
  assert.deepEqual(processes?.points, [2, 2, 3, 3]);
});

test("where nothing is known the line has a gap", () => {
  const history = { minutes: [minuteAt(0), minuteAt(minute), minuteAt(20 * minute)], samples: [] };
  assert.deepEqual(serverSeries(history, unchecked, 0)[0]?.points, [1, 1, null, 1]);
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

test("an error that is said with every visit is one mark, and another when it comes back later", () => {
  const said = [0, 3_000, 50_000, 100_000, 300_000].map((time) => ({ time, message: "broken" }));
  const other = { time: 20_000, message: "another" };
  const marks = buildMarks(
    [...said, other].sort((a, b) => a.time - b.time),
    0,
  );
  assert.deepEqual(
    marks.map(({ time }) => time),
    [0, 20_000, 300_000],
  );
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
    checks: [],
    marks: [
      { time: 9, kind: "crash", text: "" },
      { time: 5, kind: "start", text: "" },
    ] as const,
  };
  const holders = [
    { kind: "window", label: "window of \u001b[1mshop", since: 1_000, machine: "here" } as const,
  ];
  const startedBy = { kind: "agent", label: "claude" } as const;
  const plots = serverPlots(session("web", states.ready, { startedBy, holders }), "k", known, {
    from: 0,
    now: 4_000,
  });
  assert.deepEqual(plots.users, ["window of shop, for 3 s"]);
  assert.match(plots.words, /^\/work\/shop · ready · http:\/\/localhost:3001 · Claude Code/);
  assert.deepEqual(
    plots.marks.map(({ kind }) => kind),
    ["start", "crash"],
  );
});

test("latency is told apart by store and database", () => {
  const took = (average: number) => ({ latencyMs: { average, max: average } });
  const looks = [
    look("store", 1, took(0.5)),
    look("database", 2, took(3)),
    look("servers", 3, took(9)),
    look("store", 4, took(0.7)),
  ];
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
    rows.map(({ name, wait, hold }) => [name, wait, hold]),
    [
      ["busy", [1, 9], null],
      ["idle", [1, 9], null],
    ],
  );
});

test("checks collapse to one line", () => {
  const check = (status: CheckRow["status"], checkedAt: number | null = 1_000) => ({ status, checkedAt });
  assert.equal(checksWords([check("healthy"), check("healthy", 500)], 13_000), "All well · checked 12 s ago");
  assert.equal(
    checksWords([check("critical"), check("healthy")], 1_000),
    "1 check isn't well · checked 0 s ago",
  );
  assert.equal(checksWords([check("unknown")], 601_000), "1 check unknown · checked 10 min ago");
  assert.equal(checksWords([check("healthy", null)], 9), "Not checked yet");
});

test("each check unfolds with its figures, their thresholds, and how it was; what wasn't well is marked once", () => {
  const fine = { status: "healthy", summary: "fine", latencyMs: 1 } as const;
  const measures = [{ id: "cpu", words: "CPU 12 %", unit: "%", warning: 70, critical: 90 } as const];
  const components = {
    store: fine,
    database: fine,
    concurrency: fine,
    resources: { ...fine, measures },
    servers: fine,
  };
  const bad = { status: "warning", summary: "The CPU is busy" } as const;
  const looks = [
    look("resources", 0, { values: { cpu: 0.5, memory: 0.25 } }),
    look("resources", 5 * minute, { values: { cpu: 0.9 }, ...bad }),
    look("resources", 10 * minute, { values: { cpu: 0.8 }, ...bad }),
    look("store", 5 * minute),
  ];
  const rows = checkRows({ status: "warning", components, checkedAt: 1 }, looks, 0);
  const resources = rows.find(({ name }) => name === "Resources");
  assert.deepEqual(resources?.measures, ["CPU 12 %: a warning from 70 %, critical from 90 %"]);
  assert.deepEqual(
    resources?.history.map(({ label, points }) => [label, points]),
    [
      ["CPU", [50, 90, 80]],
      ["Memory", [25]],
    ],
  );
  assert.deepEqual(resources?.troubles, [{ time: 5 * minute, kind: "warning", text: "The CPU is busy" }]);
  assert.deepEqual(rows[0]?.history[0]?.label, "Took");
});

test("a server's answers to the checks are a figure of their own, and its use goes back a week by them", () => {
  const key = "sb_1/web";
  const day = 24 * 60 * minute;
  const values = (answerMs: number, cpuPercent: number) => ({
    [serverValue("answerMs", key)]: answerMs,
    [serverValue("cpuPercent", key)]: cpuPercent,
    [serverValue("cpuPercent", "sb_2/other")]: 99,
  });
  const checks = [
    look("servers", 0, { spanMs: 60 * minute, values: values(30, 5) }),
    look("servers", 60 * minute, { spanMs: 60 * minute, values: values(40, 6) }),
    look("servers", day, { values: values(50, 7) }),
    look("servers", day + 5 * minute, { values: values(60, 8) }),
  ];
  const history = { samples: [], minutes: [minuteAt(day + 5 * minute)] };
  const series = serverSeries(history, { key, checks }, 0);
  const of = (label: string) => series.find((one) => one.label === label)?.points;
  assert.deepEqual(of("Answer"), [30, 40, null, 50, 60]);
  // From the first minute on that this daemon saw, it knows better.
  assert.deepEqual(of("CPU"), [5, 6, null, 7, 1]);
});

test("what waits for what is a tree below the lock that holds all up; a circle is drawn once", () => {
  const timing = { count: 0, p50: 0, p99: 0, max: 0 };
  const key = (name: string, fence: number, waiters: number): KeySummary => ({
    key: name,
    ...{ attempts: 1, grants: 1, failures: 0, wait: timing, hold: timing, waiters },
    holder: { owner: `owner of ${name}`, fence, since: 0 },
  });
  const api = "dev_server_start:{sb_1}:api";
  const web = "dev_server_start:{sb_1}:web";
  const events = [
    granted({ key: web, holder: "w", fence: 7, attempt: 1 }),
    queued({ key: api, holder: "w", owner: "start of web", attempt: 2, at: 8_000 }),
    queued({ key: web, holder: "x", owner: "window", attempt: 3, at: 9_000 }),
    queued({ key: "done", holder: "y", attempt: 4 }),
    granted({ key: "done", holder: "y", attempt: 4 }),
  ];
  const concurrency = { ...noConcurrency, keys: [key(web, 7, 3), key(api, 5, 1), key("idle", 1, 0)], events };
  const lines = (nodes: readonly WaitNode[], depth = 0): string[] =>
    nodes.flatMap(({ words, waiting }) => [`${" ".repeat(depth)}${words}`, ...lines(waiting, depth + 1)]);
  assert.deepEqual(lines(waitsOf(concurrency, 10_000)), [
    `start of api · held by owner of ${api} for 10 s`,
    " start of web · waits for 2 s",
    `  start of web · held by owner of ${web} for 10 s`,
    "   window · waits for 1 s",
    "   2 more wait",
  ]);
  const circle = [...events, granted({ key: api, holder: "x", fence: 5, attempt: 5 })];
  const drawn = lines(waitsOf({ ...concurrency, events: circle }, 10_000));
  assert.equal(drawn.filter((line) => line.includes("which is above: a circle")).length, 1);
  assert.ok(drawn.length < 10);
});

test("the page may run its own script alone and load nothing from elsewhere", () => {
  const evil = "</script><script>alert(1)</script>";
  const spoken = { language: 'de" onload="', texts: { Table: evil } };
  const parts = { script: "s:/a.js", style: "s:/a.css", origin: "s:", title: '"><script>evil', spoken };
  const html = pageHtml(parts, "once");
  assert.match(html, /default-src 'none'; script-src 'nonce-once'; style-src s:;/);
  assert.equal(html.match(/<script/g)?.length, 2);
  assert.doesNotMatch(html, /alert\(1\)<\/script>|" onload/, "a translation is text");
  assert.doesNotMatch(html, /unsafe|https?:/);
});

test("a week of looks is asked for once a check, page by page", async () => {
  const asked: string[] = [];
  const current = windowState({ link: { kind: "disconnected", error: new Error("") as never } });
  const fine = { status: "healthy", summary: "", latencyMs: 1 } as const;
  const components = { store: fine, database: fine, concurrency: fine, resources: fine, servers: fine };
  const health = { status: "healthy", checkedAt: 7, components } as const;
  const gathering = new Gathering(
    { current: { ...current, health }, onChanged: () => ({ dispose: () => {} }) },
    {
      request: (method, params) => {
        if (method !== "health/history") return Promise.reject(new Error());
        const { cursor = "" } = params as { cursor?: string };
        asked.push(cursor);
        const samples = [look("store", Date.now() - asked.length)];
        return Promise.resolve({ samples, next: cursor === "" ? "next" : null } as never);
      },
    },
  );
  await gathering.refresh();
  await gathering.refresh();
  const { latency } = gathering.data(Date.now());
  gathering.dispose();
  assert.deepEqual(asked, ["", "next"]);
  assert.ok(latency[0]?.times.length);
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
