import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { makeRepository } from "../../integration/sandboxes/repository.ts";
import { runCli } from "../../support/cli.ts";
import { createHome } from "../../support/home.ts";
import { runJson } from "../../support/json.ts";
import { freePort } from "../../support/ports.ts";
import type { DoctorResult } from "./examined.ts";

interface Sandbox {
  readonly sandboxId: string;
  readonly path: string;
  readonly state: string;
}

async function pool(t: TestContext) {
  const home = createHome(t);
  const repository = await makeRepository(t, { apps: { web: { port: await freePort() } } });
  const cwd = repository.path;
  const doctor = async (...flags: string[]) => {
    const result = await runCli(["doctor", ...flags, "--cwd", cwd, "--json"], { home });
    const { findings, fixes } = result.json as DoctorResult;
    return { found: findings.filter(({ fix }) => fix), fixes };
  };
  const list = () => runJson<Sandbox[]>(["sandbox", "list", "--cwd", cwd], { home });
  const claimed = await runJson<Sandbox>(["sandbox", "claim", "--cwd", cwd], { home });
  return { home, repository, cwd, doctor, list, claimed };
}

test("a sandbox whose worktree was deleted is forgotten, and its commits are kept", async (t) => {
  const { repository, doctor, list, claimed } = await pool(t);
  writeFileSync(join(claimed.path, "work.txt"), "Precious\n");
  repository.gitIn(claimed.path, "add", ".");
  repository.gitIn(claimed.path, "commit", "--quiet", "-m", "Work");
  rmSync(claimed.path, { recursive: true });
  const { found } = await doctor();
  assert.deepEqual(
    found.map(({ check, summary }) => [check, summary]),
    [["sandbox", `The worktree ${claimed.path} of a sandbox is gone`]],
  );
  assert.deepEqual(
    (await doctor("--fix", "--yes")).fixes?.map(({ outcome }) => outcome),
    ["fixed"],
  );
  assert.deepEqual(await list(), []);
  assert.equal(repository.git("show", `${repository.rescued()[0]}:work.txt`), "Precious");
});

test("a worktree that no pool knows of is removed after its work was kept; a user's own worktrees are none of ours", async (t) => {
  const { repository, doctor, claimed } = await pool(t);
  const directory = dirname(claimed.path);
  const lost = join(directory, "shop-7");
  repository.git("worktree", "add", "--quiet", "--detach", lost);
  writeFileSync(join(lost, "work.txt"), "Precious\n");
  const own = [join(directory, "feature"), join(directory, "shop-8")];
  repository.git("worktree", "add", "--quiet", "--detach", own[0] ?? "");
  repository.git("worktree", "add", "--quiet", "-b", "mine", own[1] ?? "");
  const { found } = await doctor();
  assert.deepEqual(
    found.map(({ summary }) => summary),
    [`The worktree ${lost} looks like a sandbox, and no pool knows of it`],
  );
  assert.deepEqual(
    (await doctor("--fix", "--yes")).fixes?.map(({ outcome }) => outcome),
    ["fixed"],
  );
  assert.deepEqual([lost, ...own].map(existsSync), [false, true, true]);
  assert.equal(repository.git("show", `${repository.rescued()[0]}:work.txt`), "Precious");
  assert.ok(existsSync(claimed.path), "the claimed sandbox is still its owner's");
});

test("a cleaning that fails is listed with its reason, survives the daemon, and is finished once its cause is gone", async (t) => {
  const { home, repository, cwd, doctor, list, claimed } = await pool(t);
  // Every checkout of a file fails from now on.
  repository.git("config", "filter.broken.smudge", "false");
  repository.git("config", "filter.broken.required", "true");
  writeFileSync(join(cwd, ".git/info/attributes"), "server.js filter=broken\n");
  rmSync(join(claimed.path, "server.js"));
  const release = await runCli(["sandbox", "release", "--discard", "--cwd", claimed.path, "--json"], {
    home,
  });
  assert.equal((release.json as { error: { code: string } }).error.code, "GIT_FAILED", release.stdout);
  const open = async () => (await runJson<StatusResult>(["status", "--cwd", cwd], { home })).cleanups ?? [];
  const [owed] = await open();
  assert.equal(owed?.thing, cwd);
  assert.match(owed?.error?.message ?? "", /git reset failed/);

  process.kill(home.daemonPid() ?? Number.NaN, "SIGKILL");
  await runJson(["daemon", "start"], { home });
  assert.equal((await open())[0]?.task.kind, "tidy-pool", "the next daemon knows of it");
  const { fixes } = await doctor("--fix", "--yes");
  assert.deepEqual(
    fixes?.map(({ outcome }) => outcome),
    ["failed"],
    "the cause is still there",
  );

  rmSync(join(cwd, ".git/info/attributes"));
  assert.deepEqual(
    (await doctor("--fix", "--yes")).fixes?.map(({ outcome }) => outcome),
    ["fixed"],
  );
  assert.deepEqual(await open(), []);
  assert.deepEqual(
    (await list()).map(({ state }) => state),
    ["spare"],
  );
  assert.equal(repository.gitIn(claimed.path, "status", "--porcelain", "--ignored"), "");
});
