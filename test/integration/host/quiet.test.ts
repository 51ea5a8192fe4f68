import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { runtimeArguments } from "../../../shared/model/own-runtime.ts";
import { hostProgram } from "../../support/paths.ts";
import { eventually, HostBench, residentBytes } from "./hosts.ts";

/** A command that says one line and waits. */
const waits = ["sh", "-c", "echo ready; exec sleep 600"];

/** As the daemon starts it: without its flags, V8 wakes it every eight seconds. */
const asStarted = [process.execPath, ...runtimeArguments, hostProgram];

/** A start is over by then, and what followed from it; in milliseconds. */
const settleMs = 20_000;
const watchedMs = 10_000;

test("a host whose server does nothing hardly wakes", { skip: process.platform !== "linux" }, async (t) => {
  const bench = new HostBench(t);
  const report = await bench.start(bench.spec(waits), asStarted);
  assert.ok(report.kind === "running");
  await eventually(async () => ((await bench.messages()).includes("ready") ? true : undefined));
  await delay(settleMs);
  const before = wakes(report.host.pid);
  await delay(watchedMs);
  // Looking twice a second took sixty. Four a second leave room for what Node does for itself.
  assert.ok(wakes(report.host.pid) - before < 40, `woke ${wakes(report.host.pid) - before} times`);
});

test("a host that is quiet again gives back what it took", {
  skip: process.platform !== "linux",
}, async (t) => {
  const bench = new HostBench(t);
  const report = await bench.start(bench.spec(waits), asStarted);
  assert.ok(report.kind === "running");
  const { pid } = report.host;
  let most = 0;
  const fell = () => {
    most = Math.max(most, residentBytes(pid));
    return most - residentBytes(pid) > 4 * 1024 * 1024 ? true : undefined;
  };
  assert.ok(await eventually(fell));
});

/** How often the threads of a process went to sleep so far, which each of them does once for each time it wakes. */
function wakes(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const texts = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"));
  return texts.reduce((sum, text) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]), 0);
}
