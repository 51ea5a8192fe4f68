import assert from "node:assert/strict";
import { test } from "node:test";
import { joined, toShared } from "../../../daemon/store/believed/sharing.ts";

const record = { session: "dev_server_web", app: "web", fence: 1 };

test("who stopped a server, and who has its port, stays in the home that knows it", () => {
  const stoppedBy = { kind: "window", label: "window of next", pid: 7, for: "stop" };
  const stopped = { ...record, state: { kind: "stopped", since: 3, stoppedBy } };
  assert.deepEqual(toShared(stopped)["state"], { kind: "stopped", since: 3 });
  const ready = { kind: "ready", since: 3, pid: 1, port: 5174, url: "http://localhost:5174" };
  const moved = {
    ...record,
    state: { ...ready, displaced: { port: 5173, by: "node old.js --token=secret" } },
  };
  assert.deepEqual(toShared(moved)["state"], ready);
  assert.equal(joined(toShared(moved), moved), moved, "its own home has it whole");
});
