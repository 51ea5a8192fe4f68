import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startProgram } from "../support/child.ts";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { startRedis } from "../support/redis.ts";
import { waitFor } from "../support/wait.ts";

const contender = new URL("../integration/locks/contender.ts", import.meta.url).pathname;
const register = new URL("../support/register.mjs", import.meta.url).href;
const key = "fight:{box}:web";

/** Processes on one Redis that come for the same lock and note in a file when they have it. */
async function rivals(t: TestContext) {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const directory = await mkdtemp(join(tmpdir(), "devlatch-break-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const log = join(directory, "log");
  const come = async () => {
    const words = ["--import", register, contender, redis.url, key, log, "1", "60000", "60000"];
    const running = await startProgram(process.execPath, words);
    t.after(() => running.process.kill("SIGKILL"));
    return running;
  };
  const entered = async () => (await readFile(log, "utf8").catch(() => "")).match(/^in \d+/gm) ?? [];
  return { env: { DEVLATCH_REDIS_URL: redis.url }, come, entered };
}

test("a lock is broken with consent only, by what was shown, and the next in the queue has it at once", async (t) => {
  const { env, come, entered } = await rivals(t);
  const options = { home: createHome(t), env };
  const owner = await come();
  await waitFor("the owner", async () => (await entered()).length === 1);
  const heir = await come();
  await waitFor("the heir in the queue", async () => {
    const [lock] = await runJson<{ waiters: number }[]>(["locks"], options);
    return lock?.waiters === 1;
  });

  const unasked = await runCli(["locks", "--break", key, "--json"], options);
  assert.equal(unasked.code, 3, unasked.stdout);
  const { error } = unasked.json as { error: { code: string; message: string; remedy: string } };
  assert.equal(error.code, "CONSENT_REQUIRED");
  assert.match(error.message, new RegExp(`pid ${owner.pid} .*fence \\d+.*renewed it .* ago, so it lives`));
  assert.match(error.remedy, /--yes/);
  assert.equal((await entered()).length, 1, "nothing happened");

  const broken = await runCli(["locks", "--break", key, "--yes", "--json"], options);
  assert.equal(broken.code, 0, broken.stdout);
  assert.equal((broken.json as { outcome: string }).outcome, "broken");
  await waitFor("the heir", async () => (await entered()).at(-1) === `in ${heir.pid}`);
  await owner.finished(15_000);
  assert.match(owner.stderr(), /LOCK_LOST/);
});

test("a lock that isn't held can't be broken: exit 2, and where the locks are listed", async (t) => {
  const result = await runCli(["locks", "--break", "nothing", "--yes"], { home: createHome(t) });
  assert.equal(result.code, 2, result.stderr);
  assert.match(result.stderr, /No one holds a lock nothing[\s\S]*devlatch locks/);
});
