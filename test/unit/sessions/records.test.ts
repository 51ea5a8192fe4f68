import assert from "node:assert/strict";
import { test } from "node:test";
import { endedState, failedRestartState } from "../../../daemon/sessions/records.ts";
import type { RestartPolicy } from "../../../shared/model/app.ts";
import type { Exit } from "../../../shared/model/exit.ts";
import type { SessionRecord, SessionState } from "../../../shared/model/session.ts";
import { mostRestarts } from "../../../shared/model/session-state.ts";
import { ready, record } from "../language/texts.ts";

const web = (more: Partial<SessionRecord> = {}): SessionRecord => ({
  ...record("web", { command: ["node"], cwd: "/" }),
  ...more,
});
const well: Exit = { code: 0, signal: null };
const badly: Exit = { code: 3, signal: null };
const killed: Exit = { code: null, signal: "SIGKILL" };
const interrupted: Exit = { code: 1, signal: "SIGINT" };
const at = { now: 10_000, random: 0 };

interface Row {
  readonly policy: RestartPolicy;
  readonly exit: Exit | undefined;
  readonly restarts?: number;
  readonly state?: SessionState;
  /** What it comes to, and for a failure its code, for a restart its number and time. */
  readonly becomes: readonly (string | number)[];
}

const rows: readonly Row[] = [
  { policy: "never", exit: well, becomes: ["stopped"] },
  { policy: "never", exit: badly, becomes: ["failed", "NOT_RUNNING"] },
  { policy: "never", exit: killed, becomes: ["failed", "NOT_RUNNING"] },
  { policy: "never", exit: undefined, becomes: ["failed", "HOST_FAILED"] },
  { policy: "never", exit: interrupted, becomes: ["stopped"] },
  { policy: "on-failure", exit: { code: 130, signal: null }, becomes: ["stopped"] },
  { policy: "always", exit: interrupted, becomes: ["stopped"] },
  { policy: "on-failure", exit: well, becomes: ["stopped"] },
  { policy: "on-failure", exit: badly, becomes: ["restarting", "NOT_RUNNING", 1, 11_000] },
  { policy: "on-failure", exit: undefined, becomes: ["restarting", "HOST_FAILED", 1, 11_000] },
  { policy: "on-failure", exit: badly, restarts: 2, becomes: ["restarting", "NOT_RUNNING", 3, 14_000] },
  { policy: "on-failure", exit: badly, restarts: mostRestarts, becomes: ["failed", "CRASH_LOOP"] },
  { policy: "always", exit: well, becomes: ["restarting", "NOT_RUNNING", 1, 11_000] },
  { policy: "always", exit: well, restarts: mostRestarts, becomes: ["failed", "CRASH_LOOP"] },
];

for (const { policy, exit, restarts = 0, becomes } of rows) {
  const how = exit ? `code ${exit.code}, signal ${exit.signal}` : "its host was killed";
  test(`policy ${policy}, ${how}, after ${restarts} restarts: ${becomes.join(" ")}`, () => {
    const state = endedState(web({ restart: policy, restarts }), exit, ["last words"], at);
    assert.deepEqual(inShort(state), becomes);
    assert.equal(state.since, at.now);
    if (state.kind !== "stopped" && state.kind !== "failed" && state.kind !== "restarting") return;
    assert.deepEqual(state.exit, exit);
    if (state.kind !== "stopped") assert.deepEqual(state.error.logTail, ["last words"]);
  });
}

test("what follows a minute of service is a first restart again; an end during a start never is", () => {
  const often = { restart: "on-failure", restarts: mostRestarts } as const;
  const served = (ms: number) => ({ ...web(often), state: { ...ready, since: at.now - ms } });
  assert.deepEqual(inShort(endedState(served(60_000), badly, [], at)), [
    "restarting",
    "NOT_RUNNING",
    1,
    11_000,
  ]);
  assert.deepEqual(inShort(endedState(served(59_999), badly, [], at)), ["failed", "CRASH_LOOP"]);
  const starting = { ...web(often), state: { kind: "starting", since: 0, phase: "spawned" } as const };
  assert.deepEqual(inShort(endedState(starting, badly, [], at)), ["failed", "CRASH_LOOP"]);
});

test("how it ended is said in words, also in the reason for giving up", () => {
  const message = (exit: Exit | undefined, restarts = 0) => {
    const state = endedState(web({ restart: "on-failure", restarts }), exit, [], at);
    return state.kind === "failed" || state.kind === "restarting" ? state.error.message : "";
  };
  assert.equal(message(badly), "web exited with code 3.");
  assert.equal(message(killed), "web was ended by SIGKILL.");
  assert.match(message(undefined), /The host of web was killed; its server was ended with it/);
  assert.match(message(badly, mostRestarts), /ended 6 times in a row.*exited with code 3\.$/);
});

test("a restart that failed is followed by the next, with its own error, until there were enough", () => {
  const error = { code: "PORT_CONFLICT" as const, message: "Port 3000 is used.", remedy: "Free it." };
  const after = (restarts: number, exit?: Exit) =>
    failedRestartState(web({ restart: "on-failure", restarts }), error, ["line"], { ...at, exit });
  assert.deepEqual(inShort(after(1)), ["restarting", "PORT_CONFLICT", 2, 12_000]);
  assert.deepEqual(inShort(after(1, well)), ["restarting", "PORT_CONFLICT", 2, 12_000], "it was never ready");
  const last = after(mostRestarts);
  assert.deepEqual(inShort(last), ["failed", "CRASH_LOOP"]);
  assert.match(last.kind === "failed" ? last.error.message : "", /The last time: Port 3000 is used\./);
});

function inShort(state: SessionState): readonly (string | number)[] {
  if (state.kind === "failed") return [state.kind, state.error.code];
  if (state.kind === "restarting") return [state.kind, state.error.code, state.attempt, state.at];
  return [state.kind];
}
