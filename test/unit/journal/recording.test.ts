import assert from "node:assert/strict";
import { test } from "node:test";
import { lockEntries, recordChanges } from "../../../daemon/journal/recording.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import type { LockEvent } from "../../../shared/model/concurrency.ts";
import type { JournalEvent } from "../../../shared/model/journal.ts";
import type { RunRecord } from "../../../shared/model/run.ts";
import type { SessionRecord } from "../../../shared/model/session.ts";

const attempt = (key: string) => ({ key, owner: "somebody", holder: "h", attempt: 1, at: 0 });
const changesOf = (event: LockEvent) =>
  lockEntries(event).map((entry) => entry.kind === "lock" && entry.change.kind);

test("a start's lock is written down; upkeep, queueing and a refusal are not", () => {
  const start = attempt("dev_server_start:{sb_1}:web");
  const upkeep = attempt("sandbox_pool:{p}");
  const granted = { kind: "granted", fence: 1, waitMs: 2 } as const;
  const released = { kind: "released", fence: 1, holdMs: 70_000 } as const;
  assert.deepEqual(changesOf({ ...start, ...granted }), ["granted"]);
  assert.deepEqual(changesOf({ ...start, ...released }), ["released"]);
  assert.deepEqual(changesOf({ ...upkeep, ...granted }), []);
  assert.deepEqual(changesOf({ ...upkeep, ...released }), []);
  for (const event of [
    { ...start, kind: "attempt" },
    { ...start, kind: "queued" },
    { ...start, kind: "failed", waitMs: 0, code: "LOCK_HELD" },
  ] as const)
    assert.deepEqual(changesOf(event), []);
});

test("what goes wrong with any lock is: a loss, and a long wait", () => {
  const pool = attempt("sandbox_pool:{p}");
  assert.deepEqual(changesOf({ ...pool, kind: "lost", fence: 1, holdMs: 9 }), ["lost"]);
  assert.deepEqual(changesOf({ ...pool, kind: "granted", fence: 1, waitMs: 6_000 }), ["waited"]);
  assert.deepEqual(changesOf({ ...pool, kind: "failed", waitMs: 6_000, code: "DEADLINE" }), ["waited"]);
});

test("a daemon that starts tells what it finds out, not what was known before", (t) => {
  const sessions = new Emitter<{ key: string; record: SessionRecord | undefined }>();
  const runs = new Emitter<{ key: string; record: RunRecord | undefined }>();
  const locks = new Emitter<LockEvent>();
  const told: JournalEvent[] = [];
  const journal = { append: (event: JournalEvent) => void told.push(event) };
  const recorded = { sessions: sessions.event, runs: runs.event, locks: locks.event };
  const recording = recordChanges(recorded, journal, 1_000);
  t.after(() => recording.dispose());
  const session = (kind: string, since: number, phase?: string) =>
    sessions.fire({
      key: "sb_1/web",
      record: {
        ...{ sandboxId: "sb_1", session: "dev_server_web", startedAt: 5 },
        state: { kind, since, phase },
      } as never,
    });
  const run = (kind: string, since: number) =>
    runs.fire({
      key: "sb_1/build",
      record: {
        ...{ sandboxId: "sb_1", session: "session_1", key: "build", hosting: { launchId: "l" } },
        state: { kind, since, exitCode: 0, exit: { code: 0, signal: null } },
      } as never,
    });
  session("ready", 500);
  run("running", 600);
  assert.deepEqual(told, []);
  session("failed", 400);
  session("failed", 400);
  run("finished", 700);
  run("finished", 700);
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ["session", "run"],
  );
  for (const phase of ["launching", "spawned", "listening"]) session("starting", 800, phase);
  assert.equal(told.length, 3, "the phases of a start are no news");
  recording.dispose();
});
