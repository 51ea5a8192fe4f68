import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProcessUsage, TreeRoot } from "../../../daemon/processes/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { printedPort, processes, startTree } from "./tree.ts";

const megabyte = 1024 * 1024;

async function usageOf(root: TreeRoot): Promise<readonly ProcessUsage[]> {
  const [usage = []] = await processes.usage([root]);
  return usage;
}

function total(usage: readonly ProcessUsage[], what: "cpuMs" | "childrenCpuMs" | "memoryBytes"): number {
  return usage.reduce((sum, one) => sum + one[what], 0);
}

describe("What trees use", () => {
  it("one that burns CPU gains CPU time, at most as much as time goes by", async (t) => {
    const tree = await startTree(t, "burner.mjs", ["cpu"]);
    await tree.program.printed(/ready/);
    const [before, beganAt] = [total(await usageOf(tree.root), "cpuMs"), performance.now()];
    const gained = await waitFor("half a second of it", async () => {
      const cpuMs = total(await usageOf(tree.root), "cpuMs") - before;
      return cpuMs > 500 && cpuMs;
    });
    const elapsed = performance.now() - beganAt;
    // On a busy machine it gets less than a core; more than one it can't use.
    assert.ok(gained < elapsed * 1.2, `${gained} ms of ${elapsed} ms`);
  });

  it("one that holds 100 MB uses these and not much more, one that doesn't, much less", async (t) => {
    const big = await startTree(t, "burner.mjs", ["100"]);
    const small = await startTree(t, "burner.mjs", ["0"]);
    await Promise.all([big.program.printed(/ready/), small.program.printed(/ready/)]);
    const [ofBig = [], ofSmall = []] = await processes.usage([big.root, small.root]);
    const difference = total(ofBig, "memoryBytes") - total(ofSmall, "memoryBytes");
    assert.ok(Math.abs(difference - 100 * megabyte) < 20 * megabyte, `${difference / megabyte} MB`);
    // Shared pages of Node's binary alone would be over 30 MB.
    assert.ok(
      total(ofSmall, "memoryBytes") < 40 * megabyte,
      `${total(ofSmall, "memoryBytes") / megabyte} MB`,
    );
  });

  it("one with twenty children has twenty-one processes, and each is in one tree only", async (t) => {
    const family = await startTree(t, "family.sh");
    const other = await startTree(t, "server.mjs");
    await family.program.printed(/ready/);
    await printedPort(other.program);
    await waitFor("twenty-one", async () => (await usageOf(family.root)).length === 21);
    const [ofFamily = [], ofOther = []] = await processes.usage([family.root, other.root]);
    assert.deepEqual(
      [new Set(ofFamily.map(({ pid }) => pid)).size, ofOther.map(({ pid }) => pid)],
      [21, [other.program.pid]],
    );
  });

  it("has the members that members() has, of a nasty tree too, look after look", async (t) => {
    const tree = await startTree(t, "nasty.sh");
    await tree.program.printed(/ready/);
    for (let look = 0; look < 4; look++) {
      const before = new Set((await processes.members(tree.root)).map(({ pid }) => pid));
      const seen = new Set((await usageOf(tree.root)).map(({ pid }) => pid));
      const after = (await processes.members(tree.root)).map(({ pid }) => pid);
      // Some come and go every 50 ms: those that were there before and after must be seen.
      assert.deepEqual(
        after.filter((pid) => before.has(pid) && !seen.has(pid)),
        [],
        `look ${look}`,
      );
    }
  });

  it("a tree that is gone, or was never there, uses nothing", async (t) => {
    const tree = await startTree(t, "server.mjs");
    await printedPort(tree.program);
    assert.equal((await usageOf(tree.root)).length, 1);
    tree.program.process.kill("SIGKILL");
    await tree.program.finished();
    assert.deepEqual(await usageOf(tree.root), []);
    assert.deepEqual(await processes.usage([]), []);
  });

  it("counts what children used that ended", async (t) => {
    const tree = await startTree(t, "offspring.sh");
    await tree.program.printed(/ready/);
    assert.ok(total(await usageOf(tree.root), "childrenCpuMs") >= 50);
  });
});
