import assert from "node:assert/strict";
import { test } from "node:test";
import type { Processes } from "../../../daemon/processes/processes.ts";
import { listensAsRecorded } from "../../../daemon/sessions/examine.ts";
import type { Listener } from "../../../shared/model/process.ts";
import { record } from "../language/texts.ts";

/** A port whose sockets and owners can be changed, and a count of the dear looks. */
function port() {
  const world = { sockets: "11", alive: true, owner: 1, looks: 0 };
  const listener = (): Listener => ({
    ...{ pid: world.owner, startTime: "boot:1", command: "node", port: 3000, address: "::" },
  });
  const processes = {
    listenersMark: async () => world.sockets,
    isAlive: async () => world.alive,
    listeners: async () => {
      world.looks++;
      return world.sockets === "" ? [] : [listener()];
    },
  } as unknown as Processes;
  const session = record("web", { command: ["node"], cwd: "/" });
  return { world, listens: () => listensAsRecorded(session, { processes }) };
}

test("owners are looked for once, and again when the port's sockets have changed", async () => {
  const { world, listens } = port();
  assert.deepEqual([await listens(), await listens(), await listens(), world.looks], [true, true, true, 1]);
  world.sockets = "12";
  assert.deepEqual([await listens(), world.looks], [true, 2]);
  world.sockets = "13";
  world.owner = 2;
  assert.deepEqual([await listens(), await listens(), world.looks], [false, false, 4]);
});

test("a process that ended, or a port that was let go, isn't taken for what it was", async () => {
  const { world, listens } = port();
  assert.equal(await listens(), true);
  world.alive = false;
  assert.equal(await listens(), false);
  world.sockets = "";
  assert.equal(await listens(), false);
});
