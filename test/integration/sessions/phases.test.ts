import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { Hosts } from "../../../daemon/hosts/hosts.ts";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { firstErrorIn } from "../../../daemon/output/first-error.ts";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { SessionService } from "../../../daemon/sessions/service.ts";
import type { Target } from "../../../daemon/sessions/target.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import { threadOutput } from "../../../daemon/threads/output.ts";
import { Threads } from "../../../daemon/threads/threads.ts";
import { randomToken } from "../../../shared/base/token.ts";
import type { ReadyProbe } from "../../../shared/model/app.ts";
import { startLockKey } from "../../../shared/model/keys.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { hostProgram } from "../../support/paths.ts";
import { freePort } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";

const ignore = () => {};
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
/** Listens once the file `listen` is there, answers and says so once `answer` is. */
const server = `
  const { existsSync } = require("node:fs");
  const when = (file, then) => existsSync(file) ? then() : setTimeout(when, 10, file, then);
  const respond = (_, response) => when("answer", () => response.end("here"));
  when("listen", () => require("node:http").createServer(respond).listen(process.env.PORT, "127.0.0.1"));
  when("answer", () => console.log("it answers"));`;

/** The real sessions of one daemon, and a server that goes on when it is told. */
async function prepare(t: TestContext, ready?: ReadyProbe) {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-phases-"));
  const store = await openSqliteStore({ file: join(directory, "store.db"), onProblem: ignore });
  const [processes, threads] = [createProcesses(), new Threads()];
  const output = threadOutput(threads);
  const hosts = new Hosts({
    ...{ processes, log, output, sessionsDirectory: join(directory, "sessions") },
    journalFile: join(directory, "journal.db"),
    hostProgram: { file: process.execPath, args: [hostProgram] },
  });
  const locks = new LockService(store.locks, { instance: randomToken() });
  const workspace = createWorkspace();
  const parts = {
    errorIn: firstErrorIn,
    crashIn: () => undefined,
    processes,
    hosts,
    locks,
    output,
    workspace,
    log,
    cleanups: { owe: ignore },
    now: Date.now,
  };
  const sessions = new SessionService({ ...parts, machineId: "this-machine" }, store.records);
  await sessions.begin();
  const signal = AbortSignal.timeout(120_000);
  const app = { sandboxId: "box", app: "web" };
  t.after(async () => {
    await sessions.stop({ ...app, yes: true, timeoutMs: 30_000, signal });
    sessions.dispose();
    await locks.close();
    await store.close();
    threads.dispose();
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  const states: SessionState[] = [];
  sessions.registry.onChanged(({ record }) => record && states.push(record.state));
  const port = await freePort();
  const target: Target = {
    sandboxId: app.sandboxId,
    root: directory,
    asked: { cwd: directory },
    plan: {
      ...{ app: app.app, cwd: directory, command: [process.execPath, "-e", server], env: {} },
      ...{ port, portOrigin: "asked", stopSignal: "SIGTERM", stopTimeoutMs: 2_000, restart: "never" },
      ...{ stopWhenUnused: false, source: "explicit", ...(ready ? { ready } : {}) },
    },
  };
  const start = (progress: (phase: string) => void = ignore) =>
    sessions.start(target, {
      ...{ wait: true, timeoutMs: 60_000, signal, progress, onConflict: "fail", consent: [] },
      callerEnvironment: { PATH: process.env["PATH"] ?? "" },
    });
  const reached = (phase: string) =>
    waitFor(`the record to say ${phase}`, async () => {
      const state = (await sessions.registry.read("box/web"))?.state;
      return state?.kind === "starting" && state.phase === phase;
    });
  return { start, reached, states, locks, open: (gate: string) => writeFileSync(join(directory, gate), "") };
}

/** What a record said, one after the other. */
const said = (states: readonly SessionState[]) =>
  states.map((state) => (state.kind === "starting" ? state.phase : state.kind));

test("the record says how far a start has come, from its first moment on, and others who ask hear it", async (t) => {
  const { start, reached, states, open } = await prepare(t);
  const starting = start();
  await reached("spawned");
  open("listen");
  await reached("responding");
  const heard: string[] = [];
  const joined = start((phase) => heard.push(phase));
  await waitFor("the second caller to hear of it", () => heard.includes("responding"));
  open("answer");
  assert.deepEqual([(await starting).outcome, (await joined).outcome], ["started", "reused"]);
  assert.deepEqual(said(states), ["launching", "spawned", "responding", "ready"]);
  const begun = states.flatMap((state) => (state.kind === "starting" ? state.since : []));
  assert.equal(new Set(begun).size, 1, "the seconds of a start count from its beginning");
});

test("a port that is open before the server says that it is ready shows as that", async (t) => {
  const { start, reached, states, open } = await prepare(t, { pattern: "it answers" });
  const starting = start();
  await reached("spawned");
  open("listen");
  await reached("listening");
  open("answer");
  await starting;
  assert.deepEqual(said(states), ["launching", "spawned", "listening", "ready"]);
});

test("who waits for the start's lock writes nothing, and is told that it waits", async (t) => {
  const { start, states, locks, open } = await prepare(t);
  open("listen");
  open("answer");
  const heard: string[] = [];
  const terms = { ttlMs: 60_000, waitMs: 0, owner: "another daemon" };
  const starting = await locks.withLock(startLockKey({ sandboxId: "box", app: "web" }), terms, async () => {
    const starting = start((phase) => heard.push(phase));
    await waitFor("the caller to hear that it waits", () => heard.includes("locking"));
    assert.deepEqual(states, []);
    return { starting };
  });
  await starting.starting;
  assert.deepEqual([said(states).at(0), said(states).at(-1)], ["launching", "ready"]);
});
