import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as z from "zod";
import { hasCode } from "../../../shared/base/errors.ts";
import type { ProcessIdentity } from "../../../shared/model/process.ts";
import { none, ofApp } from "../../../shared/operations/fields.ts";
import {
  type Operation,
  type Request,
  request,
  type Sender,
  single,
  to,
} from "../../../shared/operations/operation.ts";
import { type OperationName, operations } from "../../../shared/operations/operations.ts";
import { type MethodName, methods } from "../../../shared/protocol/methods.ts";

const now = Date.UTC(2026, 2, 5, 14);
const env = { PATH: "/bin" };
const cwd = "/work";
const size = { columns: 80, rows: 24 };
const shown = [
  { pid: 7, startTime: "boot:1", command: "node", address: "127.0.0.1" },
  { pid: 7, startTime: "boot:1", command: "node", address: "::1" },
  { pid: 8, startTime: "boot:2", command: "node", address: "::1" },
];
const agreed: readonly ProcessIdentity[] = [
  { pid: 7, startTime: "boot:1" },
  { pid: 8, startTime: "boot:2" },
];
/** Knows all that any request needs. A client may have more than one needs: none of it may reach the wire. */
const caller = {
  cwd,
  env,
  now,
  size,
  progressToken: "token",
  callId: "call",
  owner: "ada@box",
  lock: { key: "a", fence: 3, owner: "x" },
};

interface Row {
  readonly request: Request<never, never, MethodName>;
  readonly what: string;
  readonly made: unknown;
  readonly expected: object;
}

/** @param more what the caller knows in this case besides the usual */
function row<I, C, M extends MethodName>(
  request: Request<I, C, M>,
  input: I,
  expected: object,
  more: object = {},
): Row {
  const params = request.params(input, { ...caller, ...more } as C);
  const what = `${JSON.stringify(input)} is ${request.method}`;
  return { request, what, made: JSON.parse(JSON.stringify(params)), expected };
}

const { start, stop, restart, dev, status, logs, wait, journal, detect } = operations;
const { locks, metrics, health, alerts, port, run, sandbox } = operations;
const launched = { cwd, app: "web", env, wait: true, consent: [], progressToken: "token" };

/** What becomes of options: every operation is here, with every request it makes. */
const table: Readonly<Record<OperationName, readonly Row[]>> = {
  start: [
    row(start, { app: "web" }, launched),
    row(
      start,
      { app: "web", command: ["vite"], port: 4000, noWait: true, timeout: 1.5, onConflict: "next" },
      { ...launched, command: ["vite"], port: 4000, wait: false, timeoutMs: 1500, onConflict: "next" },
      { onConflict: "ask" },
    ),
    row(
      start,
      { app: "web" },
      { ...launched, onConflict: "ask", consent: agreed },
      { onConflict: "ask", consent: shown },
    ),
  ],
  stop: [
    row(stop, { app: "web" }, { cwd, app: "web" }),
    row(stop, { app: "web", yes: true, timeout: 5 }, { cwd, app: "web", yes: true, timeoutMs: 5000 }),
    row(stop, { app: "web", timeout: 1800 }, { cwd, app: "web", timeoutMs: 600_000 }),
  ],
  restart: [
    row(restart, { app: "web" }, launched),
    row(restart, { app: "web", yes: true, timeout: 60 }, { ...launched, yes: true, timeoutMs: 60_000 }),
  ],
  dev: [
    row(
      dev.requests.start,
      { command: ["next", "dev"], port: 4000 },
      { ...launched, command: ["next", "dev"], port: 4000, wait: false, overBudget: true, whileUsed: true },
      { app: "web" },
    ),
  ],
  with: [
    row(
      operations.with.requests.start,
      { timeout: 2 },
      { ...launched, timeoutMs: 2000, overBudget: true, whileUsed: true },
      { app: "web" },
    ),
  ],
  status: [row(status, {}, { cwd })],
  logs: [
    row(logs, { app: "web", follow: true }, { cwd, app: "web" }),
    row(
      logs,
      { app: "web", cursor: 0, before: 9, limit: 5, grep: "a.b", search: "x y*", kind: "output" },
      { cwd, app: "web", cursor: 0, before: 9, limit: 5, grep: "a.b", search: "x y*", kinds: ["output"] },
    ),
    row(
      logs,
      { app: "web", since: "10m", until: "2026-03-05T13:59:00Z" },
      { cwd, app: "web", since: now - 600_000, until: now - 60_000 },
    ),
  ],
  wait: [
    row(wait, { app: "web" }, { cwd, app: "web" }),
    row(
      wait,
      { app: "web", visit: "/a", since: 0, grace: 0, timeout: 1.5 },
      { cwd, app: "web", visit: "/a", sinceSeq: 0, graceMs: 0, timeoutMs: 1500 },
    ),
  ],
  journal: [
    row(
      journal,
      { cursor: 4, before: 9, limit: 5, since: "1h", until: "1m", kind: "run", follow: true },
      { cursor: 4, before: 9, limit: 5, since: now - 3_600_000, until: now - 60_000, kinds: ["run"] },
    ),
  ],
  attach: [],
  open: [],
  locks: [
    row(locks.requests.list, {}, {}),
    row(locks.requests.break, { yes: false }, { key: "a", fence: 3, yes: false }),
  ],
  metrics: [row(metrics.requests.text, {}, {}), row(metrics.requests.view, {}, {})],
  health: [
    row(health.requests.check, {}, {}),
    row(health.requests.history, {}, { from: now - 86_400_000, to: now, limit: 5000 }),
    row(health.requests.history, { since: "2h" }, { from: now - 7_200_000, to: now, limit: 5000 }),
  ],
  alerts: [
    row(alerts.requests.list, {}, {}),
    row(alerts.requests.snooze, { target: "a1" }, { id: "a1", forMs: 3_600_000 }),
    row(alerts.requests.snooze, { target: "a1", for: "1.5d" }, { id: "a1", forMs: 129_600_000 }),
    row(alerts.requests.mute, { target: "lock" }, { kind: "lock", muted: true }),
    row(alerts.requests.unmute, { target: "server" }, { kind: "server", muted: false }),
  ],
  port: [
    row(port.requests.inspect, { port: 3000 }, { port: 3000 }),
    row(port.requests.free, { port: 3000 }, { port: 3000, consent: agreed }, { consent: shown }),
  ],
  run: [
    row(
      run.requests.start,
      { key: "build", command: ["make"] },
      { cwd, key: "build", command: ["make"], env, inputs: {}, once: false, callId: "call", size },
    ),
    row(
      run.requests.start,
      { key: "build", command: ["make"], once: true, ttl: 1.5, env: ["A=1", "B=x=y"] },
      {
        cwd,
        key: "build",
        command: ["make"],
        env,
        inputs: { A: "1", B: "x=y" },
        once: true,
        ttlMs: 1500,
        callId: "call",
        size,
      },
    ),
    row(run.requests.stop, { key: "build" }, { cwd, key: "build" }),
  ],
  detect: [
    row(detect.requests.command, { command: ["vite"] }, { cwd, command: ["vite"] }),
    row(detect.requests.directory, {}, { cwd }),
  ],
  sandbox: [
    row(sandbox.requests.claim, {}, { cwd, owner: "ada@box" }),
    row(
      sandbox.requests.claim,
      { name: "ci", wait: 0.5, lease: 1.0006, ref: "main", hold: true },
      { cwd, owner: "ci", waitMs: 500, leaseMs: 1001, ref: "main" },
    ),
    row(
      sandbox.requests.renew,
      { sandbox: "s1", token: "t", lease: 60 },
      { cwd, sandbox: "s1", token: "t", leaseMs: 60_000 },
    ),
    row(
      sandbox.requests.release,
      { sandbox: "s1", token: "t", discard: true, skipTeardown: true },
      { cwd, sandbox: "s1", token: "t", discard: true, skipTeardown: true, env },
    ),
    row(sandbox.requests.list, {}, { cwd }),
  ],
  env: [row(operations.env, { app: "web" }, { cwd })],
  daemon: [],
  doctor: [],
  diagnostics: [],
};

describe("options become parameters", () => {
  for (const [name, rows] of Object.entries(table)) {
    for (const { what, made, expected, request } of rows) {
      it(`${name}: ${what}`, () => {
        assert.deepEqual(made, expected);
        const schema: z.ZodObject = methods[request.method].params;
        schema.strict().parse(made);
      });
    }
  }

  it("of every request that an operation makes", () => {
    for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
      const requests = operation.kind === "request" ? [operation] : Object.values(operation.requests);
      const covered = new Set<unknown>(table[name].map((one) => one.request));
      assert.deepEqual([...covered], requests, name);
    }
  });
});

describe("options that mean nothing together are refused", () => {
  const cases: [string, () => unknown, RegExp][] = [
    ["words after list", () => row(alerts.requests.list, { target: "a" }, {}), /list takes no more words/],
    ["snooze without an alert", () => row(alerts.requests.snooze, {}, {}), /wants the id of an alert/],
    [
      "mute of no kind",
      () => row(alerts.requests.mute, { target: "x" }, {}),
      /mute wants a kind: server, lock/,
    ],
    ["a run of nothing", () => row(run.requests.start, { key: "a" }, {}), /no command to run/],
    [
      "an age without --once",
      () => row(run.requests.start, { key: "a", command: ["b"], ttl: 1 }, {}),
      /--ttl/,
    ],
    [
      "a variable without a name",
      () => row(run.requests.start, { key: "a", command: ["b"], env: ["=1"] }, {}),
      /--env wants NAME=VALUE; got "=1"/,
    ],
    ["no moment", () => row(journal, { until: "soon" }, {}), /--until wants a moment/],
  ];
  for (const [what, ask, message] of cases) {
    it(what, () =>
      assert.throws(ask, (error) => hasCode(error, "INVALID_INPUT") && message.test(error.message)),
    );
  }
});

describe("a request", () => {
  /** How long an answer is waited for. */
  async function answerMs<I, C, M extends MethodName>(operation: Request<I, C, M>, input: I) {
    const sent: unknown[] = [];
    const sender: Sender = {
      request: (_method, _params, { timeoutMs }) => {
        sent.push(timeoutMs);
        return new Promise(() => {});
      },
    };
    void request(operation, input, caller as C, sender);
    return sent[0];
  }

  it("is answered a little after its own timeout, given or the protocol's, and never later than its method's", async () => {
    assert.equal(await answerMs(start, { app: "web" }), 150_000);
    assert.equal(await answerMs(start, { app: "web", timeout: 1 }), 31_000);
    assert.equal(await answerMs(restart, { app: "web", timeout: 1 }), 61_000);
    assert.equal(await answerMs(stop, { app: "web" }), 40_000);
    assert.equal(await answerMs(stop, { app: "web", timeout: 1800 }), 610_000);
    assert.equal(await answerMs(wait, { app: "web", timeout: 600 }), 605_000);
    assert.equal(await answerMs(status, {}), undefined);
  });

  it("that its method doesn't have doesn't compile", () => {
    const declared = { summary: "", args: ofApp, options: none, palette: null };
    // @ts-expect-error no such method
    to("session/halt", ({ app }: { app: string }) => ({ cwd, app }));
    // @ts-expect-error a parameter is missing
    to("session/stop", ({ app }: { app: string }) => ({ app }));
    // @ts-expect-error the protocol calls it timeoutMs
    to("session/stop", ({ app }: { app: string }) => ({ cwd, app, timeout: 1 }));
    // @ts-expect-error the protocol calls it timeoutMs
    single({ ...declared, method: "session/stop", params: ({ app }) => ({ cwd, app, timeout: 1 }) });
    // @ts-expect-error the schema has no such option
    single({ ...declared, method: "session/stop", params: ({ name }) => ({ cwd, app: name }) });
  });
});
