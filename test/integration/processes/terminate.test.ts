import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import type { SentSignal } from "../../../daemon/processes/processes.ts";
import { terminateTree } from "../../../daemon/processes/terminate.ts";
import { isPortFree, occupyPort } from "../../support/ports.ts";
import { describeProcesses } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { printedPort, processes, startTree, type TestTree } from "./tree.ts";

const politely = { signal: "SIGTERM", timeoutMs: 2000 } as const;

function assertGone(tree: TestTree): void {
  const left = tree.left();
  assert.equal(left.length, 0, `Still there:\n${describeProcesses(left)}`);
}

describe("Ending a tree", () => {
  it("asks a well-behaved server once, and says it is gone as soon as it is", async (t) => {
    const tree = await startTree(t, "server.mjs");
    const port = await printedPort(tree.program);
    let exitedAt = Number.POSITIVE_INFINITY;
    tree.program.process.once("exit", () => {
      exitedAt = performance.now();
    });
    const report = await terminateTree(processes, tree.root, { signal: "SIGTERM", timeoutMs: 120_000, port });
    const lag = performance.now() - exitedAt;
    assert.deepEqual(report.survivors, []);
    assert.equal(report.escalated, false);
    assert.deepEqual(
      report.signals.map(({ process, signal }) => [process, signal]),
      [[tree.root.leader, "SIGTERM"]],
    );
    assert.ok(lag < 60_000, `It took ${lag} ms to notice`);
    assert.ok(await isPortFree(port));
    assertGone(tree);
  });

  it("frees the port while a client is still connected", async (t) => {
    const tree = await startTree(t, "server.mjs");
    const port = await printedPort(tree.program);
    const client = connect(port, "127.0.0.1");
    t.after(() => client.destroy());
    client.on("error", () => {});
    await new Promise((resolve) => client.once("connect", resolve));
    const report = await terminateTree(processes, tree.root, { ...politely, port });
    assert.deepEqual([report.survivors, report.portHeldBy], [[], undefined]);
    assert.ok(await isPortFree(port));
  });

  it("kills who ignores the polite signal, but not before the time is up", async (t) => {
    const tree = await startTree(t, "stubborn.sh");
    await waitFor("the trap to be set", async () => (await processes.members(tree.root)).length > 1);
    const report = await terminateTree(processes, tree.root, { signal: "SIGTERM", timeoutMs: 300 });
    assert.ok(report.elapsedMs >= 300, `${report.elapsedMs} ms`);
    assert.ok(report.elapsedMs < 60_000, `${report.elapsedMs} ms`);
    assert.equal(report.escalated, true);
    assert.deepEqual(report.survivors, []);
    assertGone(tree);
  });

  it("ends what a dead leader left in its session, cookie or not", async (t) => {
    const tree = await startTree(t, "group-child.sh");
    await tree.program.printed(/ready/);
    tree.program.process.kill("SIGTERM");
    // Its standard output stays open in the child, so "exit" tells, not "close".
    await waitFor("the leader to end", () => tree.program.process.exitCode !== null);
    await waitFor("its child to be what it will be", () => tree.left().length === 1);
    const report = await terminateTree(processes, tree.root, { signal: "SIGTERM", timeoutMs: 50 });
    assert.deepEqual(report.survivors, []);
    assertGone(tree);
  });

  it("reports every signal to the journal, each to a member, in the order sent", async (t) => {
    const tree = await startTree(t, "nasty.sh");
    await tree.program.printed(/ready/);
    const journal: SentSignal[] = [];
    const onSignal = (sent: SentSignal) => void journal.push(sent);
    const report = await terminateTree(processes, tree.root, {
      signal: "SIGTERM",
      // Time enough for a busy machine to ask first.
      timeoutMs: 2_000,
      onSignal,
    });
    assert.deepEqual(journal, report.signals);
    assert.deepEqual(
      new Set(journal.map(({ signal }) => signal)),
      new Set(["SIGTERM", "SIGSTOP", "SIGKILL"]),
    );
    assert.ok(!journal.some(({ process: { pid } }) => pid === process.pid || pid === process.ppid));
    assertGone(tree);
  });

  it("leaves no survivor of a nasty tree in 30 stops", { timeout: 600_000 }, async (t) => {
    for (let round = 0; round < 30; round++) {
      const tree = await startTree(t, "nasty.sh");
      await tree.program.printed(/ready/);
      const report = await terminateTree(processes, tree.root, {
        signal: "SIGTERM",
        timeoutMs: 20 + 7 * round,
      });
      assert.deepEqual(report.survivors, [], `round ${round}`);
      assertGone(tree);
    }
  });

  it("never signals an innocent process whose pid stands in a stale record", async (t) => {
    const innocent = await startTree(t, "server.mjs");
    await printedPort(innocent.program);
    const { pid, startTime } = innocent.root.leader;
    const [boot, ticks] = startTime.split(":");
    for (const stale of [
      `${boot}:${Number(ticks) - 1}`,
      `${boot}:${Number(ticks) + 1}`,
      `other-boot:${ticks}`,
    ]) {
      const leader = { pid, startTime: stale };
      const report = await terminateTree(
        processes,
        { leader, cookie: "none", ledger: [leader] },
        { signal: "SIGKILL", timeoutMs: 100 },
      );
      assert.deepEqual([report.signals, report.survivors], [[], []]);
      assert.equal(await processes.signal(leader, "SIGKILL"), false);
    }
    assert.equal(innocent.left().length, 1);
  });

  it("never counts itself in, even where it carries the tree's cookie or leads the tree", async () => {
    const leader = await processes.identify(process.ppid);
    assert.ok(leader);
    const members = await processes.members({ leader, cookie: "none" });
    const pids = members.map(({ pid }) => pid);
    assert.ok(!pids.includes(process.pid) && !pids.includes(process.ppid));
  });

  it("names a stranger that holds the port, leaves it alone and comes back in bounded time", async (t) => {
    const stranger = await occupyPort();
    t.after(stranger.release);
    const tree = await startTree(t, "server.mjs");
    await printedPort(tree.program);
    const report = await terminateTree(processes, tree.root, { ...politely, port: stranger.port });
    assert.deepEqual(report.survivors, []);
    assert.deepEqual(
      report.portHeldBy?.map(({ pid }) => pid),
      [process.pid],
    );
    assert.ok(report.elapsedMs < 60_000, `${report.elapsedMs} ms`);
  });

  it("gives up at once when cancelled, with the caller's reason", async (t) => {
    const tree = await startTree(t, "stubborn.sh");
    await waitFor("the trap to be set", async () => (await processes.members(tree.root)).length > 1);
    const reason = new Error("The user went away");
    const controller = new AbortController();
    const ending = terminateTree(processes, tree.root, {
      signal: "SIGTERM",
      timeoutMs: 20_000,
      abort: controller.signal,
      onSignal: () => controller.abort(reason),
    });
    await assert.rejects(ending, reason);
    assert.ok(tree.left().length > 0);
  });

  it("names survivors with command and directory when SIGKILL doesn't reach them in time", async (t) => {
    const tree = await startTree(t, "server.mjs");
    await printedPort(tree.program);
    // The one thing made up here: an operating system that takes signals and does nothing.
    const deaf = Object.assign(Object.create(processes), {
      members: processes.members.bind(processes),
      isAlive: processes.isAlive.bind(processes),
      describe: processes.describe.bind(processes),
      signal: async () => true,
    });
    const report = await terminateTree(deaf, tree.root, {
      signal: "SIGTERM",
      timeoutMs: 50,
      killTimeoutMs: 100,
    });
    assert.equal(report.survivors[0]?.pid, tree.root.leader.pid);
    assert.match(report.survivors[0]?.command ?? "", /server\.mjs/);
    assert.equal(report.survivors[0]?.cwd, process.cwd());
    assert.ok(report.elapsedMs < 60_000, `${report.elapsedMs} ms`);
  });
});
