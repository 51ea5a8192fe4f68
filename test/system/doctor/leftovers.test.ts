import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { HostDescription } from "../../../daemon/host/protocol.ts";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import type { JournalPage } from "../../../shared/model/journal.ts";
import { userEnv } from "../../support/env.ts";
import { seeProcess } from "../../support/processes.ts";
import { startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";
import { liveLaunches } from "../launches.ts";
import { Patient } from "./examined.ts";

function hostOf(directory: string) {
  return HostDescription.parse(JSON.parse(readFileSync(join(directory, "host.json"), "utf8")));
}

/** Removes every session's record behind the daemon's back; it doesn't run. */
async function loseRecords({ home }: Patient): Promise<void> {
  const store = await openSqliteStore({ file: join(home.directory, "store.db") });
  for (const { key, version } of await store.records.list("session/"))
    await store.records.delete(key, version);
  await store.close();
}

test("a host that no record tells of is found, and ended with its server", async (t) => {
  const patient = await Patient.create(t);
  await patient.ok("start", "web");
  const { host } = hostOf(await patient.directory());
  await patient.stopDaemon();
  await loseRecords(patient);
  await patient.ok("daemon", "start");
  const finding = await patient.leftover("orphaned-host");
  assert.match(finding.summary, new RegExp(`pid ${host.pid}\\)`));
  assert.equal(liveLaunches(patient.home).size, 1, "looking ends nothing");
  await patient.fixAll();
  assert.equal(liveLaunches(patient.home).size, 0);
  assert.equal(seeProcess(host.pid), undefined);
});

test("a host whose directory was removed is found by what it was started with, and ended with its server", async (t) => {
  const patient = await Patient.create(t);
  await patient.ok("start", "web");
  await patient.stopDaemon();
  await loseRecords(patient);
  rmSync(join(patient.home.directory, "sessions"), { recursive: true });
  await patient.ok("daemon", "start");
  await patient.leftover("orphaned-host");
  await patient.fixAll();
  assert.equal(liveLaunches(patient.home).size, 0);
});

test("processes with the mark of a launch that is over are ended; those with a foreign mark are left alone", async (t) => {
  const patient = await Patient.create(t);
  await patient.ok("start", "web");
  const { launchId } = hostOf(await patient.directory());
  await patient.ok("stop", "web");
  const sleeper = (mark: string) => {
    const child = spawn("sleep", ["1000"], { env: userEnv({ DEVLATCH_LAUNCH: mark }), stdio: "ignore" });
    t.after(() => void child.kill("SIGKILL"));
    return child;
  };
  const ours = sleeper(launchId);
  const foreign = sleeper("0123456789abcdef0123456789abcdef");
  await waitFor("both to run", () => seeProcess(ours.pid ?? -1) && seeProcess(foreign.pid ?? -1));
  const finding = await patient.leftover("leftover-processes");
  assert.match(finding.summary, new RegExp(`${ours.pid} \\(sleep 1000\\)`));
  await patient.fixAll();
  const { entries } = await patient.ok<JournalPage>("journal", "--kind", "cleanup");
  assert.deepEqual(
    entries.map(({ event }) => event.kind === "cleanup" && [event.change, event.what, event.thing]),
    [[{ kind: "fixed" }, finding.fix?.action, finding.summary]],
  );
  await waitFor("ours to have ended", () => ours.signalCode !== null);
  assert.equal(foreign.signalCode ?? foreign.exitCode, null);
});

test("a socket whose host is gone and damaged output that was set aside are removed on request", async (t) => {
  const patient = await Patient.create(t);
  await patient.ok("start", "web");
  const directory = await patient.directory();
  await patient.ok("stop", "web");
  const [socket, damaged] = [join(directory, "host.sock"), join(directory, "thread.db.damaged")];
  writeFileSync(socket, "");
  writeFileSync(damaged, "garbage");
  const found = (await patient.leftovers()).map(({ check }) => check);
  assert.deepEqual(found, ["stale-socket", "damaged-output"]);
  await patient.fixAll();
  assert.deepEqual([existsSync(socket), existsSync(damaged)], [false, false]);
  assert.equal((await patient.ok<{ outcome: string }>("start", "web")).outcome, "started");
  await patient.ok("stop", "web");
});

test("output that can't be read is set aside on request, and then the damaged file is removed", async (t) => {
  const patient = await Patient.create(t);
  await patient.ok("start", "web");
  const directory = await patient.directory();
  await patient.ok("stop", "web");
  for (const side of ["thread.db-wal", "thread.db-shm"]) rmSync(join(directory, side), { force: true });
  writeFileSync(join(directory, "thread.db"), "garbage".repeat(1_000));
  const finding = await patient.leftover("damaged-output");
  assert.equal(finding.level, "problem");
  const { fixes } = await patient.doctor("--fix", "--yes");
  assert.deepEqual(
    fixes?.map(({ outcome }) => outcome),
    ["fixed"],
  );
  assert.match((await patient.leftover("damaged-output")).summary, /kept in .*thread\.db\.damaged$/);
  await patient.fixAll();
  assert.equal((await patient.ok<{ outcome: string }>("start", "web")).outcome, "started");
  await patient.ok("stop", "web");
});

async function withRedis(t: TestContext) {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const patient = await Patient.create(t, { DEVLATCH_REDIS_URL: redis.url });
  await patient.ok("start", "web");
  const store = await openRedisStore({ url: redis.url, clientName: "test", onProblem: () => {} });
  t.after(() => store.close());
  return { patient, store };
}

test("a session that is said to be stopping for ever, with nothing behind it, is written down as stopped", async (t) => {
  const { patient, store } = await withRedis(t);
  await patient.ok("stop", "web");
  const [entry] = await store.records.list("session/");
  assert.ok(entry);
  const record = entry.value as object;
  await store.records.put(entry.key, { ...record, state: { kind: "stopping", since: 1 } }, entry.version);
  await waitFor("the daemon to see it", async () => (await patient.session()).state.kind === "stopping");
  const finding = await patient.leftover("dead-session");
  assert.equal(finding.level, "problem");
  await patient.fixAll();
  assert.equal((await patient.session()).state.kind, "stopped");
});

test("the locks of a daemon that died in another home are released", async (t) => {
  const { patient, store } = await withRedis(t);
  const own = (await store.records.list("daemon/"))[0];
  assert.ok(own);
  const dead = { ...(own.value as object), process: { pid: 4_000_000, startTime: "another:1" } };
  const instance = "f".repeat(32);
  await store.records.put(`daemon/${instance}`, dead, 0);
  const request = {
    key: "lock:{x}",
    token: `${instance}${"0".repeat(32)}`,
    ttlMs: 600_000,
    owner: "the dead",
  };
  assert.equal((await store.locks.acquire(request, 0)).kind, "granted");
  const finding = await patient.leftover("ownerless-locks");
  assert.match(finding.summary, /pid 4000000/);
  await patient.fixAll();
  assert.deepEqual(await store.locks.list(), []);
});
