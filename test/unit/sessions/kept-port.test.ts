import assert from "node:assert/strict";
import { test } from "node:test";
import { keptPort } from "../../../daemon/sessions/kept-port.ts";
import type { Target } from "../../../daemon/sessions/target.ts";
import type { AppPlan } from "../../../shared/model/app.ts";
import type { LaunchSettings, SessionRecord, SessionState } from "../../../shared/model/session.ts";

const plan: AppPlan = {
  ...{
    app: "web",
    command: ["vite"],
    cwd: "/a",
    env: {},
    port: 3000,
    portOrigin: "asked",
    configuredPort: 3000,
  },
  ...{ stopSignal: "SIGTERM", stopTimeoutMs: 1, restart: "never", stopWhenUnused: false, source: "config" },
  portArguments: ["--port"],
};
const given: LaunchSettings = {
  ...{ command: ["vite"], cwd: "/a", env: {}, port: 3001 },
  ...{ wish: { port: 3000, origin: "asked", configured: 3000 }, told: true },
};
const readyOn = (port: number): SessionState => ({
  ...{ kind: "ready", since: 0, pid: 1, startTime: "1", port, url: "" },
});

function record(more: Partial<LaunchSettings>, state: SessionState): SessionRecord {
  return {
    ...{ session: "dev_server_web", app: "web", sandboxId: "sb", root: "/a", fence: 1, startedAt: 0 },
    ...{ restart: "never", restarts: 0, stop: { signal: "SIGTERM", timeoutMs: 1 } },
    hosting: { kind: "hosted", launchId: "x", directory: "/d", machineId: "m" },
    settings: { ...given, ...more },
    state,
  };
}

function target(more: Partial<AppPlan> = {}, port?: number): Target {
  const asked = port === undefined ? { cwd: "/a" } : { cwd: "/a", port };
  return { sandboxId: "sb", root: "/a", plan: { ...plan, ...more }, asked };
}

function byHand(port: number): SessionRecord {
  const { wish: _, told: __, ...settings } = given;
  const hosting = { kind: "adopted", machineId: "m", pid: 1, startTime: "1" } as const;
  return { ...record({}, readyOn(port)), settings, hosting };
}

const { configuredPort: _, ...unconfigured } = plan;
const guess: Target = { ...target(), plan: { ...unconfigured, port: 5173, portOrigin: "guessed" } };
const guessed = { port: 5173, wish: { port: 5173, origin: "guessed" }, told: false } as const;
const due: SessionState = {
  ...{ kind: "restarting", since: 0, at: 0, attempt: 1 },
  error: { code: "NOT_RUNNING", message: "", remedy: "", logTail: [] },
};

const rows: readonly (readonly [what: string, SessionRecord | undefined, Target, number | undefined])[] = [
  ["one it was given", record({}, readyOn(3001)), target(), 3001],
  ["one it was given, when it is started again by itself", record({}, due), target(), 3001],
  ["another that the caller asks for", record({}, readyOn(3001)), target({ port: 4000 }, 4000), undefined],
  [
    "another that the configuration has by now",
    record({}, readyOn(3001)),
    target({ configuredPort: 4000 }),
    undefined,
  ],
  ["one it was told in vain", record({}, readyOn(42_450)), target(), undefined],
  ["one it took because its guess was taken", record(guessed, readyOn(5174)), guess, 5174],
  ["its guess", record(guessed, readyOn(5173)), guess, undefined],
  [
    "one it took, and no flag tells it",
    record(guessed, readyOn(42_450)),
    { ...guess, plan: { ...guess.plan, portArguments: [] } },
    undefined,
  ],
  ["one that a person gave it by hand", byHand(3005), target(), 3005],
  ["the usual one of what was started by hand", byHand(3000), target(), undefined],
  [
    "one that a person gave it by hand, and nothing could tell it",
    byHand(5174),
    { ...guess, plan: { ...guess.plan, portArguments: [] } },
    undefined,
  ],
  ["one of a server that was stopped", record({}, { kind: "stopped", since: 0 }), target(), undefined],
  ["none", undefined, target(), undefined],
];

for (const [what, before, wished, port] of rows) {
  test(`${what}: ${port === undefined ? "not kept" : "kept"}`, () =>
    assert.equal(keptPort(before, wished), port));
}
