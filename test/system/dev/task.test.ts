import assert from "node:assert/strict";
import { test } from "node:test";
import { processesWith } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { liveLaunches } from "../launches.ts";
import { Script } from "./script.ts";

// VS Code's TerminalProcess ends a task by node-pty's kill(): a SIGHUP to the shell alone, which has become npm or devlatch.
test("Terminate Task in VS Code leaves the server to who uses it, stops it for the last, and leaves nothing running", async (t) => {
  const script = await Script.open(t);
  const first = script.task();
  await first.shows(/Listening.*process \d+/);
  const last = script.task("devlatch dev");
  await last.shows("devlatch: joined web");
  await script.usedBy(2);
  assert.equal(liveLaunches(script.home).size, 1);
  first.hangUp();
  await first.ended();
  await script.usedBy(1);
  assert.ok(await script.isUp());
  last.hangUp();
  await last.ended();
  await script.isDown();
  const left = () =>
    processesWith("DEVLATCH_HOME", script.home.directory).filter(
      ({ pid }) => pid !== script.home.daemonPid(),
    );
  await waitFor("nothing but the daemon to be left", () => left().length === 0);
  assert.equal(liveLaunches(script.home).size, 0);
});
