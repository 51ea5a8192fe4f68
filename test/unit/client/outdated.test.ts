import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isEarlierVersion } from "../../../shared/base/version.ts";
import { isOutdated } from "../../../shared/client/outdated.ts";
import { readToken, storeMark } from "../../../shared/client/state-file.ts";
import { homeOf } from "../../support/daemon.ts";
import { createHome } from "../../support/home.ts";

const redis = "redis://127.0.0.1:6379";

/** A home whose state file tells of such a daemon. */
function homeWith(t: TestContext, daemon: { build: string; redisUrl?: string; script?: string }) {
  const home = homeOf(createHome(t));
  mkdirSync(home.directory, { recursive: true, mode: 0o700 });
  writeFileSync(home.tokenFile, `${"a".repeat(64)}\n`, { mode: 0o600 });
  const token = readToken(home) ?? assert.fail("the token is believed");
  const state = {
    ...{
      pid: 1,
      startTime: "1",
      epoch: "e",
      version: "0",
      build: daemon.build,
      protocol: { min: 2, max: 2 },
    },
    ...{ address: { socketPath: home.socketPath }, startedAt: 0, store: storeMark(daemon.redisUrl, token) },
    ...(daemon.script === undefined ? {} : { script: daemon.script }),
  };
  writeFileSync(home.stateFile, JSON.stringify(state), { mode: 0o600 });
  return home;
}

test("a daemon of an earlier version is outdated, one of the same or a later version isn't", (t) => {
  const program = { script: import.meta.filename };
  const rows = [
    ["0.1.0+aaaa", "0.2.0+bbbb", true],
    ["0.9.9", "0.10.0", true],
    ["0.1.0+aaaa", "0.1.0+bbbb", false],
    ["0.2.0", "0.1.9", false],
    ["0.0.0-dev", "0.1.0", false],
    ["0.1.0", "0.2.0-beta.1", false],
    ["nonsense", "0.1.0", false],
  ] as const;
  for (const [daemon, client, expected] of rows) {
    assert.equal(isEarlierVersion(daemon, client), expected, `${daemon} before ${client}`);
    const home = homeWith(t, { build: daemon });
    assert.equal(isOutdated({ home, build: client, program }), expected, `${daemon} for ${client}`);
  }
});

test("a daemon whose store is another one than the client's would use is left", (t) => {
  const program = { script: import.meta.filename };
  const shared = homeWith(t, { build: "0.1.0", redisUrl: redis });
  assert.equal(isOutdated({ home: shared, build: "0.2.0", program }), false);
  assert.equal(isOutdated({ home: shared, build: "0.2.0", program, redisUrl: redis }), true);
  const embedded = homeWith(t, { build: "0.1.0" });
  assert.equal(isOutdated({ home: embedded, build: "0.2.0", program, redisUrl: redis }), false);
});

test("a daemon whose files are gone makes way for a client that has its own", (t) => {
  const gone = join(import.meta.dirname, "gone/daemon.js");
  const home = homeWith(t, { build: "0.2.0", script: gone });
  assert.equal(isOutdated({ home, build: "0.1.0", program: { script: import.meta.filename } }), true);
  assert.equal(isOutdated({ home, build: "0.1.0", program: { script: gone } }), false);
  const there = homeWith(t, { build: "0.2.0", script: import.meta.filename });
  assert.equal(isOutdated({ home: there, build: "0.1.0", program: { script: import.meta.filename } }), false);
});
