import assert from "node:assert/strict";
import { test } from "node:test";
import { waitedFor } from "../../../extension/state/waited-for.ts";

test("a step of a start says whom it waits for: an app before it, another start, its setup, or no one", () => {
  const steps = [
    { phase: "spawned", message: "api: Process 7 runs; waiting for it to listen" },
    { phase: "waiting", message: "db: Waiting for db: no connection to localhost:5432 yet" },
    { phase: "locking", message: "Waiting for box, daemon 7, starting web" },
    { phase: "running", message: "Setup: Running `npm install`" },
    { phase: "spawned", message: "Process 7 runs; waiting for it to listen on port 3000" },
  ];
  const waited = steps.map(waitedFor);
  assert.deepEqual(waited, ["api", "db", "box, daemon 7, starting web", "its setup", undefined]);
});
