import assert from "node:assert/strict";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { machineId } from "../../daemon/processes/machine.ts";
import { digest } from "../../shared/base/token.ts";
import { runProgram } from "../support/child.ts";
import { runCli } from "../support/cli.ts";
import { hostileRedis } from "./redis-world.ts";

test("a forged record of a pool makes no directory vanish", async (t) => {
  const world = await hostileRedis(t);
  const { cwd, home, env, forge, run } = world;
  const git = (...words: string[]) =>
    runProgram("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...words], { cwd });
  await git("init", "-q");
  await git("add", "-A");
  await git("commit", "-qm", "first");
  const precious = realpathSync(mkdtempSync(join(tmpdir(), "devlatch-precious-")));
  t.after(() => rmSync(precious, { recursive: true, force: true }));
  writeFileSync(join(precious, "work"), "of years");
  const machine = await machineId();
  const poolId = digest(`${machine}\n${join(cwd, ".git")}`);
  const slot = {
    ...{ name: "x-1", sandboxId: "sb_0123456789abcdef", path: precious, gitDirectory: "", commit: "" },
    ...{ ports: {}, offset: 10, state: { kind: "creating", since: 1 } },
  };
  const pool = { poolId, machineId: machine, main: cwd, root: cwd, fence: 1, slots: [slot] };
  await run(["status"]);
  await forge(`sandbox_pool/${poolId}`, pool);
  const claimed = await runCli(["sandbox", "claim", "--json", "--cwd", cwd], { home, env });
  assert.equal(claimed.code, 0, claimed.stdout + claimed.stderr);
  assert.ok(existsSync(join(precious, "work")), "the directory is gone");
  const { path } = claimed.json as { path: string };
  t.after(() => rmSync(path, { recursive: true, force: true }));
  // Nor does a record of the intruder's take the place of the claim's.
  await forge(`sandbox_pool/${poolId}`, { ...pool, fence: 9e15 });
  const sandboxes = await run<{ path: string; state: string }[]>(["sandbox", "list"]);
  assert.deepEqual(
    sandboxes.map((one) => [one.path, one.state]),
    [[path, "claimed"]],
  );
});
