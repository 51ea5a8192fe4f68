import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "../system/answer.ts";
import { hostileRedis } from "./redis-world.ts";

test("a second home that sees a server's end leaves the restart to the home that launched it", async (t) => {
  const { home, cwd, env, run, session } = await hostileRedis(t, { restart: "on-failure" });
  const other = createHome(t);
  const seenByOther = async () => {
    const { sessions } = await runJson<StatusResult>(["status", "--cwd", cwd], { home: other, env });
    return sessions[0]?.state;
  };
  const first = await run<Answer>(["start", "web"]);
  const again = await runJson<Answer>(["start", "web", "--cwd", cwd], { home: other, env });
  assert.deepEqual([again.outcome, again.pid], ["reused", first.pid]);
  const daemon = home.daemonPid() ?? Number.NaN;
  // The other home is the first to know of the end.
  process.kill(daemon, "SIGSTOP");
  try {
    process.kill(first.pid, "SIGKILL");
    await waitFor("the server to be gone", () => !lives(first.pid));
    assert.equal((await seenByOther())?.kind, "ready");
  } finally {
    process.kill(daemon, "SIGCONT");
  }
  await waitFor("the restart", async () => {
    const state = (await session())?.state;
    return state?.kind === "ready" && state.pid !== first.pid;
  });
});

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
