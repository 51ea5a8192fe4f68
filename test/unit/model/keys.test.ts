import assert from "node:assert/strict";
import { test } from "node:test";
import {
  holdersKey,
  holdersOf,
  parseLockKey,
  parseRecordKey,
  poolLockKey,
  portsLockKey,
  recordPrefix,
  runKey,
  runLeaseKey,
  sessionKey,
  sessionOf,
  startLockKey,
} from "../../../shared/model/keys.ts";

const sandboxId = "sb_0123456789abcdef";
const web = { sandboxId, app: "web" };
const build = { sandboxId, key: "build:all/fast" };

test("locks have the keys that daemons of earlier builds use, and say what they are about", () => {
  const table = [
    [
      startLockKey(web),
      "dev_server_start:{sb_0123456789abcdef}:web",
      "dev_server_start",
      "sandbox",
      sandboxId,
      "web",
    ],
    [
      runLeaseKey(build),
      "run:{sb_0123456789abcdef}:build:all/fast",
      "run",
      "sandbox",
      sandboxId,
      "build:all/fast",
    ],
    [poolLockKey("5ca1e"), "sandbox_pool:{5ca1e}", "sandbox_pool", "pool", "5ca1e", ""],
    [portsLockKey("feed"), "sandbox_ports:{feed}", "sandbox_ports", "machine", "feed", ""],
  ] as const;
  for (const [key, text, kind, scope, id, name] of table) {
    assert.equal(key, text);
    assert.deepEqual(parseLockKey(text), { kind, scope, id, name });
    assert.equal(parseRecordKey(text), undefined, text);
  }
});

test("records have the keys that earlier builds wrote, and say what they are about", () => {
  const table = [
    ["session", sessionKey(web), "session/sb_0123456789abcdef/web", "sandbox", sandboxId, "web"],
    ["run", runKey(build), "run/sb_0123456789abcdef/build:all/fast", "sandbox", sandboxId, "build:all/fast"],
    [
      "holders",
      holdersKey(web, "feed"),
      "holders/sb_0123456789abcdef/web/feed",
      "sandbox",
      sandboxId,
      "web/feed",
    ],
    ["sandbox_pool", "5ca1e", "sandbox_pool/5ca1e", "pool", "5ca1e", ""],
    ["sandbox_ports", "feed", "sandbox_ports/feed", "machine", "feed", ""],
    ["daemon", "c0ffee", "daemon/c0ffee", "daemon", "c0ffee", ""],
    ["monitor", "c0ffee", "monitor/c0ffee", "store", "c0ffee", ""],
  ] as const;
  for (const [kind, key, text, scope, id, name] of table) {
    assert.equal(recordPrefix(kind) + key, text);
    assert.deepEqual(parseRecordKey(text), { kind, scope, id, name });
    assert.equal(parseLockKey(text), undefined, text);
  }
});

test("what a user named can't make a key look like another's", () => {
  const box = "team-box";
  assert.equal(parseLockKey(`run:{${box}}:sandbox_pool:{5ca1e}`)?.id, box);
  assert.equal(parseRecordKey(`run/${box}/session/${sandboxId}/web`)?.id, box);
});

test("keys of no kind there is are nothing", () => {
  for (const key of ["", "web", "sandbox:{sb_1}", "constructor:{sb_1}", "run:{}:x", "run", "x run:{a}:b"])
    assert.equal(parseLockKey(key), undefined, key);
  for (const key of ["", "session/", "lock/sb_1/web", "toString/x", "/sb_1/web"])
    assert.equal(parseRecordKey(key), undefined, key);
});

test("a session's key leads back to the session, and that of its holders to both", () => {
  assert.deepEqual(sessionOf(sessionKey(web)), web);
  assert.deepEqual(holdersOf(holdersKey(web, "feed")), { session: sessionKey(web), machineId: "feed" });
});
