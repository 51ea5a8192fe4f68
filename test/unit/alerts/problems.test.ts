import assert from "node:assert/strict";
import { test } from "node:test";
import { Crashes } from "../../../daemon/alerts/crashes.ts";
import { healthProblems, lockProblems } from "../../../daemon/alerts/problems.ts";
import type { LockAlert } from "../../../shared/model/concurrency.ts";
import type { HealthReport, HealthStatus } from "../../../shared/model/health.ts";
import type { SessionRecord } from "../../../shared/model/session.ts";

function report(statuses: Partial<Record<keyof HealthReport["components"], HealthStatus>>): HealthReport {
  const names = ["store", "database", "concurrency", "resources", "servers"] as const;
  const components = names.map((name) => [
    name,
    { status: statuses[name] ?? "healthy", summary: `${name} in words`, latencyMs: 1 },
  ]);
  return { status: "healthy", checkedAt: 1, components: Object.fromEntries(components) };
}

const idsOf = (problems: readonly { id: string; severity: string }[]) =>
  problems.map(({ id, severity }) => `${id} ${severity}`);

test("each bad component is a problem; what is told elsewhere, or is only busy, is none", () => {
  assert.deepEqual(healthProblems(report({ store: "unknown" }), false), []);
  const bad = { store: "critical", database: "warning", resources: "critical", servers: "warning" } as const;
  assert.deepEqual(idsOf(healthProblems(report(bad), false)), [
    "health-store critical",
    "health-database warning",
    "health-resources critical",
    "health-servers warning",
  ]);
  assert.deepEqual(healthProblems(report({ concurrency: "critical", resources: "warning" }), false), []);
  assert.deepEqual(healthProblems(report({ servers: "warning" }), true), []);
  assert.equal(healthProblems(report({ servers: "critical" }), true).length, 1);
});

test("an embedded store that is the local database is one problem", () => {
  const both = report({ store: "critical", database: "critical" });
  both.components.database.summary = both.components.store.summary;
  assert.deepEqual(idsOf(healthProblems(both, false)), ["health-store critical"]);
});

test("a lock held too long can be broken; the same cause has the same id", () => {
  const alert: LockAlert = {
    id: "potential_deadlock:k:1",
    kind: "potential_deadlock",
    severity: "warning",
    keys: ["k"],
    since: 1,
    message: "M.",
    remedy: "R.",
  };
  const [first] = lockProblems([alert]);
  const [again] = lockProblems([{ ...alert, message: "Still." }]);
  assert.deepEqual(first?.actions[0], { kind: "break-lock", key: "k" });
  assert.equal(first?.id, again?.id);
});

test("how long Devlatch's own locks are held is no alert; that two wait for each other is", () => {
  const own = { id: "x", severity: "warning", since: 1, message: "M.", remedy: "R." } as const;
  const keys = ["dev_server_start:{sb_1}:web"];
  assert.deepEqual(lockProblems([{ ...own, kind: "potential_deadlock", keys }]), []);
  assert.deepEqual(lockProblems([{ ...own, kind: "high_contention", keys: ["sandbox_pool:{p}"] }]), []);
  assert.equal(lockProblems([{ ...own, kind: "deadlock", keys }]).length, 1);
});

const record = (kind: string, given: Partial<SessionRecord> = {}, code = "NOT_RUNNING") =>
  ({
    ...{
      sandboxId: "sb_1",
      app: "web",
      root: "/work/shop",
      startedAt: 1,
      restarts: 0,
      settings: { port: 3000, cwd: "/work/shop" },
    },
    hosting: { kind: "hosted", machineId: "here" },
    state: { kind, since: 1, error: { code, message: "It ended.", remedy: "Look.", logTail: [] } },
    ...given,
  }) as SessionRecord;

/** The problems after these states, one after the other. */
function after(records: readonly (SessionRecord | undefined)[], knew = false) {
  const crashes = new Crashes("here", () => knew);
  for (const one of records) crashes.observe("sb_1/web", one);
  return crashes.problems;
}

test("a server that ran and ended for good is a problem until it is started, stopped or forgotten", () => {
  const crashed = [record("ready"), record("failed")];
  const [problem] = after(crashed);
  assert.equal(problem?.title, "web in shop is down");
  assert.deepEqual(
    problem?.actions.map(({ kind }) => kind),
    ["show-output", "restart"],
  );
  assert.equal(after([...crashed, record("failed")]).length, 1);
  for (const next of [record("starting"), record("stopped"), undefined])
    assert.deepEqual(after([...crashed, next]), []);
});

test("a start that fails, and a crash that a restart follows, are none", () => {
  assert.deepEqual(after([record("starting"), record("failed")]), []);
  assert.deepEqual(after([record("starting"), record("failed"), record("failed")]), []);
  assert.deepEqual(after([record("ready"), record("restarting")]), []);
  assert.deepEqual(after([record("ready"), record("stopping"), record("failed")]), []);
});

test("giving up is: after the last restart, at a limit, and where the port was taken meanwhile", () => {
  assert.equal(after([record("starting", { restarts: 5 }), record("failed", { restarts: 5 })]).length, 1);
  assert.equal(after([record("stopping"), record("failed", {}, "LIMIT_EXCEEDED")]).length, 1);
  const [taken] = after([record("restarting"), record("failed", {}, "PORT_CONFLICT")]);
  assert.deepEqual(taken?.actions[0], { kind: "free-port", port: 3000 });
});

test("what the daemon before told is told on; servers of other machines are theirs", () => {
  assert.deepEqual([after([record("failed")]).length, after([record("failed")], true).length], [0, 1]);
  const hosting = { kind: "hosted", launchId: "l", directory: "/d", machineId: "there" } as const;
  assert.deepEqual(after([record("ready", { hosting }), record("failed", { hosting })]), []);
});

test("each launch that ends so is a problem of its own", () => {
  const [first] = after([record("ready"), record("failed")]);
  const [second] = after([record("ready"), record("failed", { startedAt: 2 })]);
  assert.notEqual(first?.id, second?.id);
});
