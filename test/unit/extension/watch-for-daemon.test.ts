import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { watchForDaemon } from "../../../extension/connection/watch-for-daemon.ts";
import { locateHome } from "../../../shared/client/home.ts";
import type { DaemonState } from "../../../shared/client/state-file.ts";
import { waitFor } from "../../support/wait.ts";

function newHome(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "dl-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return locateHome({ DEVLATCH_HOME: directory });
}

function state(epoch: string): string {
  const written: DaemonState = {
    pid: 1,
    startTime: "boot:1",
    epoch,
    version: "1",
    build: "1",
    protocol: { min: 1, max: 1 },
    address: { socketPath: "/nowhere" },
    startedAt: 0,
  };
  return JSON.stringify(written);
}

test("a daemon that begins to listen is noticed once, at once", async (t) => {
  const home = newHome(t);
  let appeared = 0;
  const watch = watchForDaemon(home, () => appeared++);
  t.after(() => watch.dispose());
  writeFileSync(home.stateFile, state("first"));
  await waitFor("the daemon to be noticed", () => appeared === 1, { intervalMs: 5 });
  writeFileSync(home.stateFile, state("second"));
  writeFileSync(join(home.directory, "last"), "");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(appeared, 1);
});

test("what a crashed daemon left behind, and half a file, are no daemon that appears", async (t) => {
  const home = newHome(t);
  writeFileSync(home.stateFile, state("crashed"));
  let appeared = 0;
  const watch = watchForDaemon(home, () => appeared++);
  t.after(() => watch.dispose());
  writeFileSync(home.stateFile, state("crashed"));
  writeFileSync(home.stateFile, '{"pid": 1, "epo');
  writeFileSync(home.stateFile, state("next"));
  await waitFor("the next daemon to be noticed", () => appeared > 0, { intervalMs: 5 });
  assert.equal(appeared, 1);
});

test("a home that doesn't exist can be watched: nothing appears, nothing fails", (t) => {
  const home = locateHome({ DEVLATCH_HOME: join(newHome(t).directory, "missing") });
  watchForDaemon(home, () => assert.fail("there is no daemon")).dispose();
});
