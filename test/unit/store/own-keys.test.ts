import assert from "node:assert/strict";
import { test } from "node:test";
import { isOwnKey } from "../../../daemon/store/outage/own-keys.ts";

test("a key is this machine's own by its sandbox, not by what a user named", () => {
  const derived = "sb_0123456789abcdef";
  const own = [
    `dev_server_start:{${derived}}:web`,
    `run:{${derived}}:build`,
    `session/${derived}/web`,
    `holders/${derived}/web/0123456789abcdef`,
    `run/${derived}/build`,
    "sandbox_pool:{0123456789abcdef}",
    "sandbox_pool/0123456789abcdef",
    "sandbox_ports/0123456789abcdef",
    "daemon/0123456789abcdef",
  ];
  const shared = [
    "dev_server_start:{team-box}:web",
    `run:{team-box}:{${derived}}`,
    `run:{team-box}:a/${derived}/b`,
    `run/team-box/${derived}`,
    `holders/team-box/web/0123456789abcdef`,
    `session/${derived}0/web`,
    "monitor/0123456789abcdef",
  ];
  assert.deepEqual(
    own.filter((key) => !isOwnKey(key)),
    [],
  );
  assert.deepEqual(shared.filter(isOwnKey), []);
});
