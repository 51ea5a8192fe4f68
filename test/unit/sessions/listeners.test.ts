import assert from "node:assert/strict";
import { test } from "node:test";
import { asksAll, choose, isChain, isUnusual, type Wish } from "../../../daemon/sessions/listeners.ts";
import { mentionOf } from "../../../daemon/sessions/port-words.ts";
import type { Answer } from "../../../daemon/sessions/probe.ts";
import type { Listener } from "../../../shared/model/process.ts";

const page: Answer = { scheme: "http", status: 200, type: "text/html; charset=utf-8" };
const json: Answer = { scheme: "http", status: 200, type: "application/json" };
const text: Answer = { scheme: "http", status: 200, type: "text/plain" };
const missing: Answer = { scheme: "http", status: 404, type: "text/html" };
const broken: Answer = { scheme: "http", status: 500, type: "text/html" };
const upgrade: Answer = { scheme: "http", status: 426 };
const inspector: Answer = { scheme: "http", status: 400, type: "text/html", isBare: true };
const silent = undefined;

interface Row {
  readonly what: string;
  /** By port what it answers, and in which directory its process works. */
  readonly heard: readonly (readonly [port: number, answer: Answer | undefined, cwd?: string])[];
  readonly output?: readonly string[];
  readonly waitedMs?: number;
  readonly port: number | undefined;
}

const late = 10_000;

/** 3000 was asked for. */
const asked: readonly Row[] = [
  { what: "the port that was asked for", heard: [[3000, json]], port: 3000 },
  {
    what: "it, whatever is beside it",
    heard: [
      [3000, json],
      [5173, page],
    ],
    port: 3000,
  },
  {
    what: "no other before it had its time",
    heard: [[9090, page]],
    output: ["http://localhost:9090/"],
    port: undefined,
  },
  {
    what: "metrics that come first aren't it",
    heard: [
      [2999, text],
      [3000, silent],
    ],
    port: undefined,
  },
  {
    what: "it isn't the app where another part announced it and the app's own is still to come",
    heard: [[3000, json]],
    output: ["[api] API on http://localhost:3000", "[web] > node web.js"],
    waitedMs: late,
    port: undefined,
  },
  {
    what: "then the app is where its own part says",
    heard: [
      [3000, json],
      [5173, page],
    ],
    output: ["[api] API on http://localhost:3000", "[web] Local: http://localhost:5173/"],
    port: 5173,
  },
  {
    what: "where no part is called like the app it is the one",
    heard: [[3000, json]],
    output: ["[server] http://localhost:3000", "[css] Done in 20ms"],
    port: 3000,
  },
  {
    what: "after long it is the one, whatever announced it",
    heard: [[3000, json]],
    output: ["[api] API on http://localhost:3000", "[web] > node web.js"],
    waitedMs: 20_000,
    port: 3000,
  },
  { what: "no other while it listens", heard: [[3000, silent]], waitedMs: late, port: undefined },
  { what: "after its time another", heard: [[5173, page]], waitedMs: late, port: 5173 },
];

/** 3000 is where such a server usually listens. */
const guessed: readonly Row[] = [
  {
    what: "never a debugger's port, whatever it answers (wrangler's)",
    heard: [[9229, missing]],
    waitedMs: late,
    port: undefined,
  },
  { what: "the usual port", heard: [[3000, json]], port: 3000 },
  {
    what: "none that refuses and isn't named, before long",
    heard: [[37689, missing]],
    waitedMs: late,
    port: undefined,
  },
  {
    what: "none beside the usual port, which is open and slow",
    heard: [
      [3000, silent],
      [33609, text],
    ],
    waitedMs: late,
    port: undefined,
  },
  { what: "that one at last", heard: [[37689, missing]], waitedMs: 20_000, port: 37689 },
  {
    what: "a page on the usual port, whatever is beside it",
    heard: [
      [3000, page],
      [5173, page],
    ],
    port: 3000,
  },
  {
    what: "an API on the usual port isn't it before others had time",
    heard: [
      [3000, json],
      [5173, silent],
    ],
    port: undefined,
  },
  {
    what: "a page beside an API on the usual port",
    heard: [
      [3000, missing],
      [5173, page],
    ],
    waitedMs: late,
    port: 5173,
  },
  {
    what: "one whose URL is printed and that serves a page, at once",
    heard: [[5173, page]],
    output: ["  ➜  Local:   http://localhost:5173/"],
    port: 5173,
  },
  { what: "not so an API", heard: [[4000, json]], output: ["api on http://localhost:4000"], port: undefined },
  {
    what: "nor a page of another part",
    heard: [[4000, page]],
    output: ["[docs] http://localhost:4000"],
    port: undefined,
  },
  {
    what: "the part that is called like the app",
    heard: [
      [4000, text],
      [4001, text],
    ],
    output: ["[api] api on http://localhost:4000", "[web] web on http://localhost:4001"],
    port: 4001,
  },
  {
    what: "the part by a package's name",
    heard: [
      [4000, page],
      [4001, page],
    ],
    output: ["@mono/admin:dev: http://localhost:4000", "@mono/web:dev: http://localhost:4001"],
    port: 4001,
  },
  {
    what: "the part by its directory",
    heard: [
      [4000, page, "/srv/apps/admin"],
      [4001, page, "/srv/apps/web"],
    ],
    waitedMs: late,
    port: 4001,
  },
  {
    what: "a page rather than text",
    heard: [
      [4000, text],
      [4001, page],
    ],
    waitedMs: late,
    port: 4001,
  },
  {
    what: "no inspector",
    heard: [
      [9229, inspector],
      [9999, text],
    ],
    waitedMs: late,
    port: 9999,
  },
  { what: "no inspector alone", heard: [[9229, inspector]], waitedMs: late, port: undefined },
  {
    what: "no hot-reload socket",
    heard: [
      [2000, upgrade],
      [5173, page],
    ],
    waitedMs: late,
    port: 5173,
  },
  {
    what: "the lowest of those that are alike",
    heard: [
      [5173, text],
      [4000, text],
    ],
    waitedMs: late,
    port: 4000,
  },
  {
    what: "a redirect is a page",
    heard: [
      [4000, json],
      [4001, { scheme: "http", status: 302 }],
    ],
    waitedMs: late,
    port: 4001,
  },
];

/** 3000 was guessed of a program that is alone, and of which nothing is known. */
const alone: readonly Row[] = [
  {
    what: "an API that printed its URL",
    heard: [[4000, json]],
    output: ["http://localhost:4000"],
    port: 4000,
  },
  {
    what: "also without a page there",
    heard: [[4000, missing]],
    output: ["http://localhost:4000"],
    port: 4000,
  },
  { what: "none whose URL it didn't print", heard: [[4000, json]], port: undefined },
  {
    what: "what printed nothing, once it had its time, whatever it answers",
    heard: [[4000, { ...missing, status: 401 }]],
    waitedMs: late,
    port: 4000,
  },
  {
    what: "of several none that fails and that nothing names",
    heard: [
      [4000, { ...missing, status: 401 }],
      [4001, silent],
    ],
    waitedMs: late,
    port: undefined,
  },
  { what: "none that fails", heard: [[4000, broken]], output: ["http://localhost:4000"], port: undefined },
  {
    what: "an API with nothing at its root that says its port, once the usual one had its time",
    heard: [[5000, missing]],
    output: ["Server running on port 5000"],
    waitedMs: 2_000,
    port: 5000,
  },
  {
    what: "not before that",
    heard: [[5000, missing]],
    output: ["Server running on port 5000"],
    port: undefined,
  },
  ...["metrics listening on port 5000", "[api] listening on port 5000", "listening on port 15000"].map(
    (line) => ({
      what: `none that refuses and isn't said to be the app: ${line}`,
      heard: [[5000, missing] as const],
      output: [line],
      waitedMs: 2_000,
      port: undefined,
    }),
  ),
];

for (const [rows, name, terms] of [
  [asked, "asked", { isGuess: false }],
  [guessed, "guessed", { isGuess: true }],
  [alone, "alone", { isGuess: true, isAlone: true }],
] as const) {
  const wish: Wish = { app: "web", port: 3000, ...terms };
  for (const { what, heard, output = [], waitedMs = 1, port } of rows) {
    test(`${name}: ${what}`, () => {
      const listeners = heard.map(([at, answer, cwd]) => ({
        listener: {
          ...{ pid: at, startTime: "boot:1", command: "node", port: at, address: "127.0.0.1" },
          ...(cwd === undefined ? {} : { cwd }),
        } satisfies Listener,
        answer,
      }));
      assert.equal(choose(listeners, wish, () => output, waitedMs)?.listener.port, port);
    });
  }
}

for (const [line, mention] of [
  ["[web] ready on http://localhost:3000", "own"],
  ["web:dev: http://localhost:3000/", "own"],
  ["apps/web dev: http://localhost:3000/", "own"],
  ["web on http://127.0.0.1:3000", "own"],
  ["[api] http://localhost:3000", "other"],
  ["@mono/api:dev: http://localhost:3000", "other"],
  ["packages/api dev: http://localhost:3000", "other"],
  ["[vite] http://localhost:3000", "unnamed"],
  ["[wrangler:info] Ready on http://localhost:3000", "unnamed"],
  ["[api:info] listening at http://localhost:3000", "unnamed"],
  ["[api:dev] http://localhost:3000", "other"],
  ["[12:00:01] http://localhost:3000", "unnamed"],
  ["webpack on http://localhost:3000", "unnamed"],
  ["http://localhost:30001", "none"],
] as const) {
  test(`\`${line}\` is a mention: ${mention}`, () => assert.equal(mentionOf([line], 3000, "web"), mention));
}

test("what a server opens beside itself isn't the app while its own may still come", () => {
  const wish: Wish = { app: "web", port: 3000, isGuess: true, isAlone: true };
  const listener = (port: number): Listener => ({
    ...{ pid: port, startTime: "boot:1", command: "node", port, address: "127.0.0.1" },
  });
  const lines = {
    metrics: "Prometheus exporter: http://localhost:9464/metrics",
    named: "Metrics server listening on http://localhost:9464",
    health: "Health check on http://0.0.0.0:9464/healthz",
    queues: "Bull Board: http://localhost:9464/admin/queues",
  };
  for (const line of Object.values(lines)) {
    const beside = { listener: listener(9464), answer: page };
    const own = { listener: listener(9999), answer: json };
    const output = () => [line, "Server ready at http://localhost:9999/graphql"];
    assert.equal(
      choose([beside], wish, () => [line], 1_600),
      undefined,
      line,
    );
    assert.equal(choose([beside, own], wish, output, 1_600), own, line);
    assert.equal(
      choose([beside], wish, () => [line], late),
      beside,
      `${line}, when nothing else came`,
    );
  }
  assert.equal(
    mentionOf(["App on http://localhost:3000", lines.health.replace("9464", "3000")], 3000, "web"),
    "unnamed",
  );
  assert.equal(mentionOf(["[api] http://localhost:3000/metrics"], 3000, "web"), "other");
  assert.equal(mentionOf(["API: http://localhost:3000/healthy-food"], 3000, "web"), "unnamed");
});

test("of a known framework no part is taken that the output doesn't name, before long", () => {
  const listener: Listener = {
    pid: 1,
    startTime: "a/1",
    command: "workerd",
    port: 33609,
    address: "127.0.0.1",
  };
  const wish: Wish = { app: "web", port: 8787, isGuess: true, isKnown: true };
  const at = (waitedMs: number) => choose([{ listener, answer: page }], wish, () => [], waitedMs);
  assert.equal(at(late), undefined);
  assert.equal(at(20_000)?.listener.port, 33609);
});

test("beside the port that a known framework printed, sockets of its workers aren't asked", () => {
  const own = [3000, 36191].map(
    (port): Listener => ({
      ...{ pid: port, startTime: "a/1", command: "node", address: "127.0.0.1", port },
    }),
  );
  const wish: Wish = { app: "web", port: 3000, isGuess: true, isKnown: true };
  const printed = () => ["   - Local:         http://localhost:3000"];
  const asks = (more: Partial<Wish>, output: () => readonly string[]) =>
    asksAll(own, { ...wish, ...more }, output, late);
  assert.equal(asks({}, printed), false);
  assert.equal(
    asks({}, () => []),
    true,
  );
  assert.equal(asks({ isKnown: false }, printed), true);
  assert.equal(
    asks({}, () => ["[api] http://localhost:3000"]),
    true,
  );
});

test("a program is alone where each of its tree started one other at most", () => {
  const of = (...pairs: readonly (readonly [number, number])[]) =>
    pairs.map(([pid, ppid]) => ({ pid, ppid }));
  assert.ok(isChain(of([10, 1], [11, 10], [12, 11])));
  assert.ok(!isChain(of([10, 1], [11, 10], [12, 10])));
});

test("whether a program is alone is asked of one that isn't known, after a moment, where it listens unexpectedly", () => {
  const at = (port: number) => ({ pid: 1, startTime: "boot:1", command: "node", port, address: "::" });
  const wish: Wish = { app: "web", port: 3000, isGuess: true };
  assert.ok(isUnusual([at(4000)], wish, late));
  assert.ok(!isUnusual([at(4000)], wish, 1));
  assert.ok(!isUnusual([at(3000)], wish, late));
  assert.ok(!isUnusual([at(4000), at(4001)], wish, late));
  assert.ok(!isUnusual([at(4000)], { ...wish, isKnown: true }, late));
  assert.ok(!isUnusual([at(4000)], { ...wish, isGuess: false }, late));
});
