import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ThreadPage } from "../../../shared/model/thread.ts";
import { leftToCampaign } from "../../support/campaign.ts";
import { findProgram } from "../../support/install/debian.ts";
import { isPortFree } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { inWorld, plainServer } from "./world.ts";

const isRoot = process.getuid?.() === 0;

/** A file system of 24 MB in place of a directory, that can be filled and emptied. */
async function onSmallDisk(
  directory: string,
  work: (disk: { fill(): void; empty(): void }) => Promise<void>,
): Promise<void> {
  const options = ["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", directory];
  assert.equal(spawnSync("mount", options).status, 0, "mount");
  const filler = join(directory, "filler");
  try {
    await work({
      fill: () => void spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"]),
      empty: () => rmSync(filler, { force: true }),
    });
  } finally {
    spawnSync("umount", ["-l", directory]);
  }
}

const talker = `${plainServer}\nlet count = 0; setInterval(() => console.log("count", ++count), 10);`;

test(
  "the disk is full while a server runs: it serves on, can be stopped, and what was lost is told",
  { skip: !isRoot && "a small disk takes root to mount" },
  inWorld({ server: talker }, async (world) => {
    await world.daemon();
    await onSmallDisk(join(world.home.directory, "sessions"), async (disk) => {
      await world.ok(["start", "web"]);
      disk.fill();
      const count = async () => (await world.ok<ThreadPage>(["logs", "web", "--limit", "1"])).next;
      const full = await count();
      await waitFor("the thread to stand still", async () => {
        const before = await count();
        await waitFor("half a second", () => new Promise((resolve) => setTimeout(resolve, 500, true)));
        return before === (await count());
      });
      assert.equal(await world.answer(), "ours");
      disk.empty();
      await waitFor("the thread to go on", async () => (await count()) > full + 50);
      await world.ok(["stop", "web"]);
      assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
    });
  }),
);

test(
  "the disk is full before a start: it is refused in words, nothing is left, and it works once there is room",
  { skip: !isRoot && "a small disk takes root to mount" },
  inWorld({}, async (world) => {
    await world.daemon();
    await onSmallDisk(join(world.home.directory, "sessions"), async (disk) => {
      disk.fill();
      const error = await world.refused(["start", "web"]);
      assert.ok(["HOST_FAILED", "STORE_UNAVAILABLE"].includes(error.code), error.code);
      assert.match(error.message, /full|space/i);
      assert.equal(world.launches(), 0);
      disk.empty();
      assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "started");
      disk.fill();
      await world.ok(["stop", "web"]);
      assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
    });
  }),
);

test(
  "the whole home is on a disk that gets full: the daemon lives and says so, the server serves on, all heals",
  { skip: leftToCampaign || (!isRoot && "a small disk takes root to mount") },
  inWorld({ server: talker }, async (world) => {
    await onSmallDisk(world.home.directory, async (disk) => {
      const daemon = await world.daemon();
      const { pid } = await world.ok<Answer>(["start", "web"]);
      disk.fill();
      await world.cli(["health"]);
      const stop = await world.cli(["stop", "web"]);
      if (stop.code !== 0) assert.match(stop.stdout, /full/i);
      await world.cli(["start", "web"]);
      disk.empty();
      const started = await world.ok<Answer>(["start", "web"]);
      assert.equal(started.outcome === "reused", started.pid === pid);
      assert.equal(await world.answer(), "ours");
      assert.equal(world.home.daemonPid(), daemon, "the same daemon");
      await world.ok(["stop", "web"]);
      assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
      await world.ok(["daemon", "stop"]);
      await waitFor("the daemon to end", () => world.home.daemonPid() === undefined);
    });
  }),
);

test(
  "the daemon has no descriptors left for a spawn: the start fails in words, and works once it has",
  { skip: leftToCampaign },
  inWorld({}, async (world) => {
    await world.ok(["status"]);
    const daemon = await world.daemon();
    const limit = (soft: string) =>
      spawnSync("prlimit", ["--pid", String(daemon), `--nofile=${soft}:`]).status;
    // The last client's own are still closed a moment after its end.
    let open = -1;
    await waitFor(
      "the daemon's descriptors to rest",
      () => {
        const before = open;
        open = readdirSync(`/proc/${daemon}/fd`).length;
        return open === before;
      },
      { intervalMs: 300 },
    );
    assert.equal(limit(String(open + 2)), 0, "prlimit");
    const result = await world.cli(["start", "web"]);
    assert.notEqual(result.code, 0, result.stdout);
    assert.match(result.stdout, /"remedy": "./);
    assert.equal(world.launches(), 0);
    assert.equal(limit("1024"), 0);
    assert.equal(await world.daemon(), daemon, "the same daemon");
    assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "started");
    await world.ok(["stop", "web"]);
  }),
);

test(
  "the kernel refuses to fork: the start fails in words and leaves nothing, not even a lock",
  inWorld({}, async (world) => {
    const daemon = await world.daemon("clone:error=EAGAIN");
    for (let round = 0; round < 2; round++) {
      const error = await world.refused(["start", "web"]);
      assert.equal(error.code, "HOST_FAILED");
      assert.deepEqual(await world.ok(["locks"]), []);
    }
    assert.deepEqual([world.launches(), world.host()], [0, undefined]);
    await world.kill(daemon);
    assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "started");
    await world.ok(["stop", "web"]);
  }),
);

/** A directory with Node and nothing else: no ps, no lsof, no pgrep, no kill. */
function barePath(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-bare-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const name of ["node", "sh", "setsid", "sleep"]) {
    symlinkSync(findProgram(name) ?? process.execPath, join(directory, name));
  }
  assert.ok(statSync(dirname(process.execPath)).isDirectory());
  return directory;
}

test("there is no ps, lsof or pgrep: everything works without", async (t) => {
  const server = `process.getBuiltinModule("node:child_process").spawn("setsid", ["sh", "-c", "sleep 1000 & sleep 1000"], { stdio: "ignore" });${plainServer}`;
  await inWorld({ server, env: { PATH: barePath(t) } }, async (world) => {
    assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "started");
    await world.ok(["port", String(world.port)]);
    await world.ok(["stop", "web"]);
    assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
  })(t);
});

test(
  "the journal is garbage, then a directory: nothing fails for it",
  { skip: leftToCampaign },
  inWorld({}, async (world) => {
    const journal = join(world.home.directory, "journal.db");
    writeFileSync(journal, "garbage".repeat(2_000));
    await world.ok(["start", "web"]);
    await world.ok(["stop", "web"]);
    const { entries } = await world.ok<{ entries: { event: { kind: string } }[] }>(["journal"]);
    assert.ok(entries.some(({ event }) => event.kind === "signal"));
    assert.ok(readdirSync(world.home.directory).includes("journal.db.damaged"));
  }),
);
