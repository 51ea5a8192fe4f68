import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PidHistory } from "../../../daemon/processes/pid-history.ts";
import { type ScannedProcess, selectMembers, type TreeScan } from "../../../daemon/processes/tree.ts";

const caller = 10;
const world = [proc(1, { ppid: 0 }), proc(5, { ppid: 1 }), proc(caller, { ppid: 5 })];
const leader = proc(100, { ppid: caller, pgid: 100, sid: 100, startOrder: 50 });

function proc(pid: number, given: Partial<ScannedProcess>): ScannedProcess {
  const startOrder = given.startOrder ?? 60;
  const defaults = { pid, ppid: 1, pgid: pid, sid: pid, zombie: false };
  return { ...defaults, startTime: `boot:${startOrder}`, ...given, startOrder };
}

function pids(
  processes: ScannedProcess[],
  given: Partial<TreeScan<ScannedProcess>> = {},
  ledger = [] as ScannedProcess[],
) {
  const scan: TreeScan<ScannedProcess> = {
    processes: [...world, ...processes],
    caller,
    leaderOrder: 50,
    markOf: () => undefined,
    isStranger: () => false,
    keepsPid: () => false,
    ...given,
  };
  return selectMembers(scan, { leader, cookie: "c", ledger }).map(({ pid }) => pid);
}

describe("Membership of a tree", () => {
  it("holds the leader, its group, its session and all descendants", () => {
    const found = pids([
      proc(104, { ppid: 103 }),
      leader,
      proc(101, { pgid: 100, sid: 100 }),
      proc(102, { pgid: 102, sid: 100 }),
      proc(103, { ppid: 102 }),
      proc(200, {}),
    ]);
    assert.deepEqual(found.toSorted(), [100, 101, 102, 103, 104]);
  });

  it("holds who carries the cookie, and their descendants and sessions", () => {
    const markOf = ({ pid }: ScannedProcess) => (pid === 300 ? "c" : undefined);
    const found = pids(
      [leader, proc(300, {}), proc(301, { ppid: 300 }), proc(302, { pgid: 302, sid: 300 })],
      { markOf },
    );
    assert.deepEqual(found.toSorted(), [100, 300, 301, 302]);
  });

  it("never holds the caller, its ancestors, zombies or older processes, whatever speaks for them", () => {
    const everyone = { markOf: () => "c" };
    const found = pids([leader, proc(101, { zombie: true }), proc(99, { startOrder: 49 })], everyone);
    assert.deepEqual(found, [100]);
    assert.ok(!pids([], everyone).some((pid) => [1, 5, caller].includes(pid)));
  });

  it("gives up the group and session of a leader whose pid another process has", () => {
    const stranger = proc(100, { startOrder: 70 });
    assert.deepEqual(pids([stranger, proc(101, { pgid: 100, sid: 100 })], { keepsPid: () => true }), []);
  });

  it("trusts a dead leader's session only if the number can't have been given away, or a member vouches", () => {
    const orphan = proc(101, { pgid: 100, sid: 100 });
    const marked = proc(102, { pgid: 100, sid: 100 });
    assert.deepEqual(pids([orphan]), []);
    assert.deepEqual(pids([orphan], { keepsPid: () => true }), [101]);
    assert.deepEqual(
      pids([orphan, marked], { markOf: ({ pid }) => (pid === 102 ? "c" : undefined) }).toSorted(),
      [101, 102],
    );
    assert.deepEqual(pids([orphan, marked], {}, [marked]).toSorted(), [101, 102]);
  });

  it("keeps a leader that is still a zombie for proof of its session", () => {
    assert.deepEqual(pids([{ ...leader, zombie: true }, proc(101, { pgid: 100, sid: 100 })]), [101]);
  });

  it("takes no ledger entry whose pid has a new owner", () => {
    const seen = proc(400, { startOrder: 60 });
    assert.deepEqual(pids([proc(400, { startOrder: 90 })], {}, [seen]), []);
    assert.deepEqual(pids([seen], {}, [seen]), [400]);
  });

  it("holds no process that proves to be another's, nor what descends from it, whatever speaks for them", () => {
    const daemon = proc(101, { ppid: 100 });
    const host = proc(102, { ppid: 101 });
    const server = proc(103, { ppid: 102, pgid: 103, sid: 103 });
    const helper = proc(104, { ppid: 103, pgid: 103, sid: 103 });
    const orphan = proc(105, { ppid: 100 });
    const marks = new Map([
      [101, "devlatch"],
      [102, "devlatch"],
      [103, "other"],
      [105, "other"],
      [106, "other"],
    ]);
    const markOf = ({ pid }: ScannedProcess) => marks.get(pid);
    // Sessions are inherited, never joined: whatever it carries, it is of this one.
    const own = proc(106, { ppid: 100, pgid: 100, sid: 100 });
    const all = [leader, daemon, host, server, helper, orphan, own];
    const isStranger = () => true;
    assert.deepEqual(pids(all, { markOf, isStranger }, [daemon, orphan]), [100, 106]);
    assert.deepEqual(pids(all, { markOf }).toSorted(), [100, 101, 102, 103, 104, 105, 106], "only said so");
  });

  it("holds none of a daemon's tools, also where the ledger took them in before the daemon could prove itself", () => {
    const daemon = proc(101, { ppid: 100 });
    const tool = proc(102, { ppid: 101, pgid: 101, sid: 101 });
    const apart = proc(103, { ppid: 101 });
    const invented = proc(104, { ppid: 100 });
    const markOf = ({ pid }: ScannedProcess) => (pid === 100 ? undefined : "devlatch");
    const isStranger = ({ pid }: ScannedProcess) => pid === 101;
    const all = [leader, daemon, tool, apart, invented];
    assert.deepEqual(pids(all, { markOf, isStranger }, [daemon, tool, apart, invented]), [100, 104]);
  });

  it("holds the leader before it has become its program, when it still looks like its host", () => {
    assert.deepEqual(pids([leader], { markOf: () => "devlatch", isStranger: () => true }), [100]);
  });

  it("takes no process for the child of one younger than it", () => {
    const found = pids([
      leader,
      proc(101, { ppid: 100, startOrder: 80 }),
      proc(102, { ppid: 101, startOrder: 70 }),
    ]);
    assert.deepEqual(found, [100, 101]);
  });
});

describe("The history of pids", () => {
  const process = { pid: 100, startTime: "boot:50" };

  it("keeps a pid for half a round of forks after the last sighting", () => {
    let forks = 1_000_000;
    const history = new PidHistory(() => forks, 32_768);
    assert.equal(history.keeps(process), false);
    history.saw([process]);
    forks += 16_000;
    assert.equal(history.keeps(process), true);
    assert.equal(history.keeps({ ...process, startTime: "boot:51" }), false);
    forks += 1000;
    assert.equal(history.keeps(process), false);
  });

  it("proves by itself that no pid was reused on a machine that hasn't gone round yet", () => {
    assert.equal(new PidHistory(() => 16_000, 32_768).keeps(process), true);
    assert.equal(new PidHistory(() => undefined, 32_768).keeps(process), false);
  });

  it("forgets the oldest sightings, not the newest", () => {
    const history = new PidHistory(() => 1_000_000, 32_768);
    history.saw([process]);
    history.saw(Array.from({ length: 5000 }, (_, pid) => ({ pid, startTime: "x" })));
    assert.equal(history.keeps(process), false);
    assert.equal(history.keeps({ pid: 4999, startTime: "x" }), true);
  });
});
