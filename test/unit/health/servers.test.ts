import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CheckedServer,
  type ServerAnswer,
  serversCheck,
} from "../../../daemon/health/checks/servers.ts";
import { describe, judge, noJudgement } from "../../../daemon/health/judgement.ts";
import { defaultThresholds } from "../../../shared/model/health-thresholds.ts";
import { serverValue } from "../../../shared/model/server-values.ts";
import { FakeClock } from "./fake-clock.ts";

const web = {
  key: "sb/web",
  name: "web of shop",
  state: "ready",
  url: "http://localhost:3000",
} as const;
const answer = (status: number): ServerAnswer => ({ kind: "answer", status });
const refused: ServerAnswer = { kind: "refused" };

/**
 * One look at a server that says these things, one after the other. @returns what is shown, and how often it was asked
 */
async function look(
  answers: readonly ServerAnswer[],
  ready?: Extract<CheckedServer, { state: "ready" }>["ready"],
): Promise<[string, number]> {
  const clock = new FakeClock();
  let asked = 0;
  const ask = async () => answers[Math.min(asked++, answers.length - 1)] ?? refused;
  const check = serversCheck({
    servers: () => [{ ...web, ready }],
    ask,
    used: () => undefined,
    thresholds: () => defaultThresholds,
    clock,
  });
  const looking = check.look(AbortSignal.timeout(5_000));
  await clock.pass(10_000);
  const seen = await looking;
  const { status, summary } = describe(judge(noJudgement, seen, clock.epoch()), seen);
  return [`${status}: ${summary}`, asked];
}

test("a server that restarts itself while it is looked at is well", async () => {
  assert.deepEqual(await look([refused, refused, answer(200)]), ["healthy: 1 server answers", 3]);
  assert.deepEqual(await look([answer(502), answer(200)]), ["healthy: 1 server answers", 2]);
});

test("one that goes on refusing or failing isn't, and any other answer is one", async () => {
  const gone = "critical: web of shop doesn't answer at http://localhost:3000";
  assert.deepEqual(await look([refused]), [gone, 3]);
  assert.deepEqual(await look([answer(500)]), ["warning: web of shop answers with 500", 3]);
  assert.deepEqual(await look([answer(404)]), ["healthy: 1 server answers", 1]);
});

test("what the configuration calls well is well, and nothing else", async () => {
  const ready = { http: "/health", status: 503 };
  assert.deepEqual(await look([answer(503)], ready), ["healthy: 1 server answers", 1]);
  const unwell: ServerAnswer = { kind: "answer", status: 404, unwellAt: "/health" };
  assert.deepEqual(await look([unwell], { http: "/health" }), [
    "warning: web of shop answers /health with 404",
    3,
  ]);
});

test("a server that is silent is asked once and watched", async () => {
  const [shown, asked] = await look([{ kind: "silent" }]);
  assert.match(shown, /^healthy: 0 servers answer · web of shop has given no answer .*being watched/);
  assert.equal(asked, 1);
});

test("a failed server is a warning for an hour, then it was given up", async () => {
  const clock = new FakeClock();
  const failed: CheckedServer = {
    ...{ key: "sb/api", name: "api of shop", state: "failed" },
    ...{ why: "it exited with code 1", since: clock.epoch() },
  };
  const ask = async () => refused;
  const check = serversCheck({
    servers: () => [failed],
    ask,
    used: () => undefined,
    thresholds: () => defaultThresholds,
    clock,
  });
  const status = async () => judge(noJudgement, await check.look(AbortSignal.timeout(5_000)), 1).status;
  clock.sleep(59 * 60_000);
  assert.equal(await status(), "warning");
  clock.sleep(2 * 60_000);
  assert.equal(await status(), "healthy");
});

test("each check measures how long every server took to answer, and what it used since the one before", async () => {
  const clock = new FakeClock();
  const one = { ...web, ready: undefined };
  const other = { ...one, key: "sb/api", name: "api of shop" };
  const check = serversCheck({
    servers: () => [one, other],
    ask: async ({ key }) => {
      if (key === other.key) return refused;
      clock.sleep(40);
      return answer(200);
    },
    used: (key) => (key === web.key ? { cpuPercent: 12, memoryBytes: 3_000, processes: 2 } : undefined),
    thresholds: () => defaultThresholds,
    clock,
  });
  const looking = check.look(AbortSignal.timeout(5_000));
  await clock.pass(10_000);
  assert.deepEqual((await looking).values, {
    ready: 2,
    failed: 0,
    [serverValue("answerMs", web.key)]: 40,
    [serverValue("cpuPercent", web.key)]: 12,
    [serverValue("memoryBytes", web.key)]: 3_000,
    [serverValue("processes", web.key)]: 2,
  });
});
