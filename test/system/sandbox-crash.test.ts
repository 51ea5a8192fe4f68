import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { addGate, makeRepository } from "../integration/sandboxes/repository.ts";
import { runCli, startCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { isAlive, processesWith, seeProcess } from "../support/processes.ts";
import { waitFor } from "../support/wait.ts";

interface Sandbox {
  readonly sandboxId: string;
  readonly path: string;
  readonly state: string;
}

async function gated(t: TestContext) {
  const home = createHome(t);
  const apps = { web: { port: await freePort() } };
  const repository = await makeRepository(t, { apps, sandboxes: { max: 1 } });
  const gate = await addGate(repository);
  t.after(() => gate.open());
  return { home, repository, gate };
}

/** SIGKILL to the daemon of this home, and nothing else. */
async function killDaemon(home: TestHome): Promise<void> {
  const daemon = seeProcess(home.daemonPid() ?? -1);
  assert.ok(daemon);
  process.kill(daemon.pid, "SIGKILL");
  await waitFor("the daemon to be gone", () => !isAlive(daemon));
}

/** git that works on a sandbox, by its mark. */
function gitOf(sandboxId: string) {
  return processesWith("DEVLATCH_LAUNCH", `sandbox-${sandboxId}`);
}

test("a daemon killed in the middle of a claim leaves nothing that the next daemon doesn't clean", async (t) => {
  const { home, repository, gate } = await gated(t);
  const { path: cwd } = repository;
  gate.close();
  const claim = await startCli(["sandbox", "claim", "--yes", "--json", "--cwd", cwd], { home });
  await waitFor("the checkout to wait", gate.reached);
  const list = () => runJson<Sandbox[]>(["sandbox", "list", "--cwd", cwd], { home });
  const [half] = await list();
  assert.equal(half?.state, "preparing");
  const reached = gitOf(half.sandboxId);
  await killDaemon(home);
  assert.notEqual((await claim.finished()).code, 0);
  assert.ok(reached.some(isAlive), "git of the killed daemon goes on by itself");

  // The next daemon ends that git and gives the half-made sandbox up, without being asked, with the gate still closed.
  await list();
  await waitFor("git of the killed daemon to end", () => reached.every((one) => !isAlive(one)));
  await waitFor("the half-made sandbox to be forgotten", async () => (await list()).length === 0);
  const again = await startCli(["sandbox", "claim", "--yes", "--json", "--cwd", cwd], { home });
  gate.open();
  const { code, stdout } = await again.finished();
  assert.equal(code, 0, stdout);
  const { path } = JSON.parse(stdout) as Sandbox;
  assert.ok(existsSync(join(path, "gated.txt")));
  assert.equal(repository.gitIn(path, "status", "--porcelain"), "");
  const worktrees = repository.git("worktree", "list", "--porcelain").match(/^worktree /gm);
  assert.equal(worktrees?.length, 2, "the checkout and one sandbox");
});

test("a daemon killed in the middle of a release: the next operation finishes it, and the work is kept once", async (t) => {
  const { home, repository, gate } = await gated(t);
  const { path: cwd } = repository;
  const { path, sandboxId } = await runJson<Sandbox>(["sandbox", "claim", "--yes", "--cwd", cwd], { home });
  writeFileSync(join(path, "work.txt"), "Precious\n");
  writeFileSync(join(path, "secret.log"), "Secret\n");
  gate.close();
  const release = await startCli(["sandbox", "release", "--discard", "--json", "--cwd", path], { home });
  await waitFor("the cleaning to wait", gate.reached);
  assert.ok(existsSync(join(path, "secret.log")), "not cleaned yet");
  await killDaemon(home);
  assert.notEqual((await release.finished()).code, 0);
  const left = gitOf(sandboxId);

  const next = await startCli(["sandbox", "claim", "--yes", "--json", "--cwd", cwd], { home });
  await waitFor("git of the killed daemon to end", () => left.every((one) => !isAlive(one)));
  gate.open();
  const { code, stdout } = await next.finished();
  assert.equal(code, 0, stdout);
  assert.equal((JSON.parse(stdout) as Sandbox).path, path);
  assert.ok(!existsSync(join(path, "secret.log")) && !existsSync(join(path, "work.txt")));
  assert.equal(repository.gitIn(path, "status", "--porcelain", "--ignored"), "");
  const [branch, ...others] = repository.rescued();
  assert.deepEqual(others, []);
  assert.equal(repository.git("show", `${branch}:work.txt`), "Precious");
  assert.equal((await runCli(["sandbox", "release", "--json", "--cwd", path], { home })).code, 0);
});
