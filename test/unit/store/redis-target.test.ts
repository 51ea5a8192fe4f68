import assert from "node:assert/strict";
import { test } from "node:test";
import { reconnectDelay } from "../../../daemon/store/redis/client.ts";
import { Keys, tagOf } from "../../../daemon/store/redis/keys.ts";
import { parseRedisUrl } from "../../../daemon/store/redis/target.ts";
import { isRefusedLogin, unavailable } from "../../../daemon/store/redis/unavailable.ts";
import { hasCode } from "../../../shared/base/errors.ts";

test("every form of a Redis URL is understood", () => {
  const cases: [url: string, options: object][] = [
    ["redis://localhost", { host: "localhost", port: 6379, db: 0 }],
    ["redis://h:1/2", { host: "h", port: 1, db: 2 }],
    ["redis://:p%40ss@h", { host: "h", port: 6379, db: 0, password: "p@ss" }],
    ["redis://u:p@[::1]:7", { host: "::1", port: 7, db: 0, username: "u", password: "p" }],
    ["rediss://h", { host: "h", port: 6379, db: 0, tls: { servername: "h" } }],
    ["rediss://10.0.0.1", { host: "10.0.0.1", port: 6379, db: 0, tls: {} }],
    [
      "redis+sentinel://u:p@one,[::1]:7/main/3",
      {
        sentinels: [
          { host: "one", port: 26_379 },
          { host: "::1", port: 7 },
        ],
        ...{ name: "main", db: 3, username: "u", password: "p" },
      },
    ],
    [
      "rediss+sentinel://one:1/main",
      {
        sentinels: [{ host: "one", port: 1 }],
        ...{ name: "main", db: 0, tls: {}, enableTLSForSentinelMode: true },
      },
    ],
    ["redis+cluster://u:p@one,[::1]:7", { username: "u", password: "p" }],
    ["rediss+cluster://one/", { tls: {} }],
    ["/run/redis.sock", { path: "/run/redis.sock", db: 0 }],
    ["unix:///run/my%20redis.sock?db=4", { path: "/run/my redis.sock", db: 4 }],
    ["unix:///r.sock?user=u&password=p", { path: "/r.sock", db: 0, username: "u", password: "p" }],
  ];
  for (const [url, options] of cases) {
    assert.deepEqual(parseRedisUrl(url).options, options, url);
  }
});

test("a Cluster is found by any of its nodes", () => {
  assert.deepEqual(parseRedisUrl("redis+cluster://u:p@one,[::1]:7").nodes, [
    { host: "one", port: 6379 },
    { host: "::1", port: 7 },
  ]);
  assert.equal(parseRedisUrl("redis+cluster://u:p@one,two:7").name, "redis+cluster://u:***@one,two:7");
  assert.throws(
    () => parseRedisUrl("redis+cluster://one/2"),
    (error) => hasCode(error, "INVALID_INPUT"),
  );
  assert.equal(parseRedisUrl("redis://one").nodes, undefined);
});

test("the name of a target never has the password", () => {
  assert.equal(
    parseRedisUrl("redis+sentinel://u:hunter2@one:1,two:2/main").name,
    "redis+sentinel://u:***@one:1,two:2/main",
  );
  for (const url of ["redis://u:hunter2@h/1", "rediss://:hunter2@h", "unix:///r.sock?password=hunter2"]) {
    assert.ok(!parseRedisUrl(url).name.includes("hunter2"), url);
  }
  for (const url of [
    "redis://u:hunter2@",
    "ftp://u:hunter2@h",
    "redis://u:hunter2@h/x",
    "redis://u:hunter2@h:99999",
    "redis+sentinel://u:hunter2@h:1",
    "redis+sentinel://u:hunter2@h:1,:2/main",
    "redis+sentinel://u:hunter2@h:1/main/x",
  ]) {
    assert.throws(
      () => parseRedisUrl(url),
      (error) =>
        hasCode(error, "INVALID_INPUT") &&
        !JSON.stringify(error).includes("hunter2") &&
        !error.message.includes("hunter2"),
      url,
    );
  }
});

test("all keys of a lock lie in one slot, whatever the lock is called", () => {
  const keys = new Keys("devlatch");
  for (const key of ["start:{box}:web", "plain", "}odd{", "{}", "a{b}c{d}", "{{x}}"]) {
    const names = [...keys.lockKeys(key), keys.cancelled(key, "t")];
    const tags = names.map((name) => /\{([^}]+)\}/.exec(name)?.[1]);
    assert.deepEqual(new Set(tags), new Set([tagOf(key)]), key);
  }
  assert.equal(tagOf("start:{box}:web"), "box");
  assert.throws(
    () => new Keys("a{b}"),
    (error) => hasCode(error, "INVALID_INPUT"),
  );
});

test("reconnecting backs off with jitter and never beyond two seconds", () => {
  for (let attempt = 1; attempt < 100; attempt++) {
    const [least, most] = [reconnectDelay(attempt, 0), reconnectDelay(attempt, 0.999)];
    assert.ok(least > 0 && least < most && most <= 2_000, `${attempt}: ${least} to ${most}`);
  }
  assert.ok(reconnectDelay(1, 0.5) < reconnectDelay(4, 0.5));
});

test("what Redis says becomes an error with a remedy that fits", () => {
  const cases: [words: string, remedy: RegExp][] = [
    ["connect ECONNREFUSED 127.0.0.1:6379", /Start Redis/],
    ["WRONGPASS invalid username-password pair or user is disabled.", /password/],
    ["NOPERM User x has no permissions to run the 'evalsha' command", /rights/],
    ["READONLY You can't write against a read only replica.", /primary/],
    ["getaddrinfo ENOTFOUND nowhere", /host name/],
    ["OOM command not allowed when used memory > 'maxmemory'.", /memory/],
  ];
  for (const [words, remedy] of cases) {
    const error = unavailable("redis://h", new Error(words));
    assert.match(error.remedy, remedy, words);
    assert.ok(error.message.includes("redis://h") && error.message.includes(words));
  }
  assert.equal(isRefusedLogin(new Error("NOAUTH Authentication required.")), true);
  assert.equal(isRefusedLogin(new Error("NOPERM")), false);
});
