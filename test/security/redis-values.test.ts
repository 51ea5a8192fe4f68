import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isPortFree } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "../system/answer.ts";
import { forgedSession, hostileRedis } from "./redis-world.ts";

interface Journal {
  readonly entries: readonly {
    readonly event: { readonly kind: string; readonly key?: string; readonly problem?: string };
  }[];
}

test("a value of 200 MB isn't fetched, and costs nothing but its own session", async (t) => {
  const world = await hostileRedis(t);
  const { redis, home, run, port } = world;
  await run(["start", "web"]);
  const script = `redis.call('HSET', KEYS[1], ARGV[1], string.rep('x', 200 * 1024 * 1024))
    redis.call('ZADD', KEYS[2], 0, ARGV[1])
    redis.call('PUBLISH', 'devlatch:changed', 'intruder ' .. ARGV[1]) return 'OK'`;
  const key = "session/team-box/web";
  const names = ["devlatch:{records}:values", "devlatch:{records}:index"];
  assert.equal(await redis.text("EVAL", script, "2", ...names, key), "OK\r\n");
  assert.equal((await run<Answer>(["start", "web"])).outcome, "reused");
  const pid = home.daemonPid();
  const memory = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  assert.ok(memory < 180_000, `the daemon had ${memory} kB`);
  await run(["daemon", "stop"]);
  assert.equal((await run<Answer>(["start", "web"])).outcome, "reused");
  // A daemon that fetches it drops the connection over it, and takes Redis for away.
  await waitFor("the journal to say how large it is", async () => {
    const { entries } = await run<Journal>(["journal", "--kind", "record", "--limit", "500"]);
    return entries.some(({ event }) => event.key === key && /has 209715200 bytes/.test(event.problem ?? ""));
  });
  await run(["stop", "web"]);
  assert.ok(await isPortFree(port));
  const sent = Number(/total_net_output_bytes:(\d+)/.exec(await redis.text("INFO", "stats"))?.[1]);
  assert.ok(sent < 50_000_000, `Redis sent ${sent} bytes`);
});

test("of many records a bad one costs itself alone, and the journal names it once", async (t) => {
  const world = await hostileRedis(t);
  const { run, forge, forgeText, session, cwd } = world;
  const { sandboxId } = await run<Answer>(["start", "web"]);
  await forgeText("session/team-a/web", "no record at all");
  await forgeText("session/team-b/web", "12 intruder {");
  const state = { kind: "ready", since: 1, pid: 1, startTime: "1", port: 80, url: "http://localhost:80" };
  const bad: readonly (readonly [string, Record<string, unknown>])[] = [
    ["team-c", { state: { ...state, url: "javascript:alert(1)" } }],
    ["team-d", { state: { ...state, url: "http://evil.example" } }],
    ["team-e", { state, session: "../../../tmp" }],
    ["team-f", { state, sandboxId: "../.." }],
  ];
  for (const [id, more] of bad) await forge(`session/${id}/web`, { ...forgedSession(id, cwd, {}), ...more });
  await forge("session/team-good/web", forgedSession("team-good", cwd, { state }));
  await forge(`holders/${sandboxId}/web/x`, { garbage: true });
  for (const _ of [1, 2]) await run(["start", "web"]);
  await run(["daemon", "stop"]);
  await run(["start", "web"]);
  assert.equal((await session())?.state.kind, "ready");
  const shown = await run<{ sessions: { sandboxId: string }[] }>(["status"]);
  const ids = shown.sessions.map((one) => one.sandboxId).filter((id) => id.startsWith("team-"));
  assert.deepEqual(ids, ["team-good"]);
  const refused = await waitFor("the journal to name them", async () => {
    const { entries } = await run<Journal>(["journal", "--kind", "record", "--limit", "500"]);
    const found = entries.flatMap(({ event }) => (event.key === undefined ? [] : [event.key]));
    return found.length >= 6 ? found : undefined;
  });
  const [first] = bad;
  assert.ok(refused.includes("session/team-a/web") && refused.includes(`session/${first?.[0]}/web`));
  // Once for each daemon, of which there were two.
  assert.ok(refused.filter((key) => key === "session/team-a/web").length <= 2);
});
