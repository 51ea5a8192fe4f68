import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { randomToken } from "../../../shared/base/token.ts";
import { often } from "../../support/campaign.ts";
import { allProcesses, describeProcesses, endProcesses } from "../../support/processes.ts";
import { fixtures } from "../processes/tree.ts";
import { eventually, HostBench } from "./hosts.ts";

const stops = often(4, 100);

/** A host with the nastiest tree, every process of which has the marker in its command line. */
async function startNasty(t: TestContext) {
  const bench = new HostBench(t);
  const marker = `marker-${randomToken()}`;
  const left = () => allProcesses().filter(({ command }) => command.includes(marker));
  t.after(() => endProcesses(left, 0));
  const report = await bench.start(bench.spec([join(fixtures, "nastiest.sh"), marker]));
  assert.equal(report.kind, "running");
  const connection = await bench.connect();
  const text = (base64: string) => Buffer.from(base64, "base64").toString();
  const { scrollback } = await connection.request("attach", {});
  let seen = text(scrollback);
  connection.onNotification("output", ({ data }) => {
    seen += text(data);
  });
  await eventually(() => (seen.includes("ready") ? true : undefined));
  return { bench, left, connection, host: report.kind === "running" ? report.host : undefined };
}

test(`a stop leaves no process of the nastiest tree, ${stops} times`, {
  timeout: stops * 30_000,
}, async (t) => {
  for (let round = 0; round < stops; round++) {
    const { left, connection } = await startNasty(t);
    const before = left().length;
    assert.ok(before >= 12, `${before} processes`);
    const report = await connection.request("stop", {
      signal: "SIGTERM",
      timeoutMs: 10 + ((7 * round) % 200),
    });
    const after = left();
    assert.equal(after.length, 0, `round ${round}, of ${before} are left:\n${describeProcesses(after)}`);
    assert.deepEqual([report.survivors, report.escalated], [[], true]);
  }
});

test("orphans come back to the host, and none of the ended ones is left unreaped", async (t) => {
  const { left, host } = await startNasty(t);
  assert.ok(host);
  const children = () =>
    readFileSync(`/proc/${host.pid}/task/${host.pid}/children`, "utf8").split(" ").filter(Boolean);
  const orphan = () => left().find(({ command }) => command.includes("cleared-daemon"));
  await eventually(() => (orphan()?.ppid === host.pid ? true : undefined));
  const zombies = () => children().filter((pid) => /^ Z /.test(statOf(pid))).length;
  const forks = () => Number(/^processes (\d+)/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
  const begun = forks();
  // Two hoppers and two forkers have been at it for a while.
  await eventually(() => (forks() - begun > 300 ? true : undefined));
  await eventually(() => (zombies() < 5 ? true : undefined));
  assert.ok(left().length >= 12);
});

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "");
  } catch {
    return "";
  }
}
