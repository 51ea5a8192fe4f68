import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { HostDescription } from "../../daemon/host/protocol.ts";
import { openSqliteStore } from "../../daemon/store/sqlite/store.ts";
import type { OpenCleanup } from "../../shared/model/cleanup.ts";
import { userEnv } from "../support/env.ts";
import { waitFor } from "../support/wait.ts";
import { Patient } from "./doctor/examined.ts";
import { liveLaunches } from "./launches.ts";

/** Writes down that what a launch left is to be ended, as a daemon does that failed to. */
async function owe({ home }: Patient, directory: string): Promise<void> {
  const { launchId, session } = HostDescription.parse(
    JSON.parse(readFileSync(join(directory, "host.json"), "utf8")),
  );
  const stop = { signal: "SIGTERM", timeoutMs: 500 };
  const owed: OpenCleanup = {
    id: `end-launch-${launchId.slice(0, 16)}`,
    what: "end what is left of",
    thing: session,
    task: { kind: "end-launch", sandboxId: "sb_0000000000000000", session, launchId, directory, stop },
    since: Date.now(),
    failures: 1,
    failedAt: Date.now(),
    error: { code: "STOP_INCOMPLETE", message: "Still alive.", remedy: "Wait." },
  };
  writeFileSync(join(home.directory, "cleanups.json"), JSON.stringify([owed]));
}

function settled({ home }: Patient): Promise<true> {
  return waitFor("the cleanup to be done", () => !existsSync(join(home.directory, "cleanups.json")));
}

function leftover(t: TestContext, directory: string) {
  const { launchId } = HostDescription.parse(JSON.parse(readFileSync(join(directory, "host.json"), "utf8")));
  const deaf = "trap '' TERM; while :; do sleep 0.1; done";
  const child = spawn("sh", ["-c", deaf], { env: userEnv({ DEVLATCH_LAUNCH: launchId }), stdio: "ignore" });
  t.after(() => void child.kill("SIGKILL"));
  return child;
}

test("what a former daemon could not end is ended by the next one when it starts", async (t) => {
  const patient = await Patient.create(t);
  await patient.ok("start", "web");
  const directory = await patient.directory();
  await patient.ok("stop", "web");
  await patient.stopDaemon();
  const left = leftover(t, directory);
  await owe(patient, directory);
  await patient.ok("daemon", "start");
  await settled(patient);
  await waitFor("it to have ended", () => left.signalCode !== null);
  assert.deepEqual(await patient.leftovers(), []);
});

test("a launch that serves is left alone: a user who wants it stopped says so again", async (t) => {
  const patient = await Patient.create(t);
  await patient.ok("start", "web");
  const directory = await patient.directory();
  await patient.stopDaemon();
  await owe(patient, directory);
  await patient.ok("daemon", "start");
  await settled(patient);
  assert.equal((await patient.session()).state.kind, "ready");
  assert.equal(liveLaunches(patient.home).size, 1);
  await patient.ok("stop", "web");
});

test("a stop that was begun and failed is finished, and the record says so", async (t) => {
  const patient = await Patient.create(t);
  await patient.ok("start", "web");
  const directory = await patient.directory();
  await patient.stopDaemon();
  const store = await openSqliteStore({ file: join(patient.home.directory, "store.db") });
  const [entry] = await store.records.list("session/");
  assert.ok(entry);
  const stopping = { ...(entry.value as object), state: { kind: "stopping", since: Date.now() } };
  await store.records.put(entry.key, stopping, entry.version);
  await store.close();
  await owe(patient, directory);
  await patient.ok("daemon", "start");
  await settled(patient);
  await waitFor("the record", async () => (await patient.session()).state.kind === "stopped");
  assert.equal(liveLaunches(patient.home).size, 0);
  assert.deepEqual(await patient.leftovers(), []);
});
