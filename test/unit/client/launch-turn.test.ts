import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Home, locateHome } from "../../../shared/client/home.ts";
import { isLaunchTurnTaken, takeLaunchTurn } from "../../../shared/client/launch-turn.ts";

function temporaryHome(t: TestContext): Home {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-turn-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return locateHome({ DEVLATCH_HOME: join(directory, "home") });
}

test("one client has the turn to launch the daemon; the next gets it when that is done", (t) => {
  const home = temporaryHome(t);
  const turn = takeLaunchTurn(home);
  assert.ok(turn);
  assert.equal(takeLaunchTurn(home), undefined);
  assert.ok(isLaunchTurnTaken(home));
  turn.dispose();
  assert.ok(!isLaunchTurnTaken(home));
  takeLaunchTurn(home)?.dispose();
  assert.ok(!existsSync(home.launchFile), "nothing is left behind");
});

test("a turn that a killed client left is taken at once", (t) => {
  const home = temporaryHome(t);
  takeLaunchTurn(home);
  const { pid } = spawnSync(process.execPath, ["--version"]);
  writeFileSync(home.launchFile, String(pid));
  assert.ok(takeLaunchTurn(home));
});

test("a client that is stuck loses its turn, and a clock that was set back blocks no one", (t) => {
  const home = temporaryHome(t);
  assert.ok(takeLaunchTurn(home));
  for (const offsetMs of [-60_000, 60_000]) {
    const time = new Date(Date.now() + offsetMs);
    utimesSync(home.launchFile, time, time);
    assert.ok(takeLaunchTurn(home));
  }
});

test("a home that can't be written leaves the word to the launch itself", (t) => {
  const home = temporaryHome(t);
  writeFileSync(home.directory, "a file, no directory");
  assert.ok(takeLaunchTurn(home));
});
