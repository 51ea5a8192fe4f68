import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Hosted } from "../../../daemon/hosts/hosts.ts";
import { HostLook } from "../../../daemon/hosts/look.ts";
import { threadOutput } from "../../../daemon/threads/output.ts";
import { Threads } from "../../../daemon/threads/threads.ts";
import { silentLog } from "../../support/log.ts";
import { eventually, HostBench, processes } from "./hosts.ts";

/** A launch of `cat`, and a daemon's look at its host over a connection that is kept open. */
async function open(t: TestContext) {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["cat"]));
  const { directory, launchId } = bench;
  const threads = new Threads();
  t.after(() => threads.dispose());
  const look = new HostLook({
    ...{ processes, log: silentLog, sessionsDirectory: directory },
    output: threadOutput(threads),
    journalFile: join(directory, "journal.db"),
    hostProgram: { file: process.execPath, args: [] },
  });
  const hosting: Hosted = { kind: "hosted", machineId: "this", launchId, directory };
  const connection = await bench.connect();
  look.askOver(connection, hosting);
  const { host } = await connection.request("describe", {});
  return { look, hosting, connection, host };
}

test("a host is asked over a connection that is open, and over a new one once that is over", async (t) => {
  const { look, hosting, connection } = await open(t);
  const [file, away] = ["host.sock", "away.sock"].map((name) => join(hosting.directory, name)) as [
    string,
    string,
  ];
  renameSync(file, away);
  assert.equal((await look.check(hosting)).kind, "silent");
  assert.equal((await look.stateOf(hosting)).kind, "live");
  connection.dispose();
  assert.equal((await look.stateOf(hosting)).kind, "silent");
  renameSync(away, file);
  assert.equal((await look.stateOf(hosting)).kind, "live");
});

test("over an open connection a host that is paused is silent, and one that was killed is gone", async (t) => {
  const { look, hosting, host } = await open(t);
  process.kill(host.pid, "SIGSTOP");
  assert.deepEqual(await look.stateOf(hosting), { kind: "silent" });
  process.kill(host.pid, "SIGCONT");
  await eventually(async () => (await look.stateOf(hosting)).kind === "live" || undefined);
  process.kill(host.pid, "SIGKILL");
  await eventually(async () => (await look.stateOf(hosting)).kind === "gone" || undefined);
});

test("over an open connection a launch is gone once it has ended", async (t) => {
  const { look, hosting, connection } = await open(t);
  const stopped = connection.request("stop", { signal: "SIGTERM", timeoutMs: 1_000 });
  await eventually(async () => (await look.stateOf(hosting)).kind === "gone" || undefined);
  assert.deepEqual((await stopped).survivors, []);
});
