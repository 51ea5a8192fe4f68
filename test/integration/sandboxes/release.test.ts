import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hasCode } from "../../../shared/base/errors.ts";
import { freePort } from "../../support/ports.ts";
import { openPools } from "./pools.ts";
import { makeRepository } from "./repository.ts";

async function pool(t: TestContext, sandboxes: object = {}, files = {}) {
  const config = { apps: { web: { port: await freePort() } }, sandboxes: { max: 1, ...sandboxes } };
  const repository = await makeRepository(t, config, files);
  return { repository, pools: await openPools(t, repository) };
}

async function write(root: string, path: string, text = "Secret of the former owner\n"): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), text);
}

test("no file of the former owner reaches the next one, ignored and hidden ones included, but caches do", async (t) => {
  const { repository, pools } = await pool(t, { keep: ["node_modules"] }, { "tool.conf": "plain\n" });
  const first = await pools.claim();
  const fresh = readdirSync(first.path).sort();
  for (const path of [".env.log", "cache/a/b", "empty.log/deep/x", "node_modules/kept/index.js"])
    await write(first.path, path);
  await mkdir(join(first.path, "cache/nothing"), { recursive: true });
  // An ignored repository of its own, and a tracked file hidden from git with a personal setting in it.
  repository.gitIn(first.path, "init", "--quiet", "cache/nested");
  repository.gitIn(first.path, "update-index", "--skip-worktree", "tool.conf");
  await write(first.path, "tool.conf");

  await pools.release(first.path);
  const second = await pools.claim();

  assert.equal(second.path, first.path);
  assert.notEqual(second.token, first.token);
  assert.deepEqual(readdirSync(second.path).sort(), [...fresh, "node_modules"].sort());
  assert.ok(
    existsSync(join(second.path, "node_modules/kept/index.js")),
    "what is configured as a cache stays",
  );
  assert.equal(readFileSync(join(second.path, "tool.conf"), "utf8"), "plain\n");
  assert.equal(repository.gitIn(second.path, "status", "--porcelain", "--ignored"), "!! node_modules/");
  assert.deepEqual(repository.rescued(), []);
});

test("uncommitted changes make a release refuse; with discard they are kept on a branch", async (t) => {
  const { repository, pools } = await pool(t);
  const { path } = await pools.claim({ owner: "ann" });
  await write(path, "server.js", "// changed\n");
  await write(path, "a new file.txt", "new\n");
  await write(path, "staged.txt", "staged\n");
  repository.gitIn(path, "add", "staged.txt");
  rmSync(join(path, "package-lock.json"));

  const refused = await pools.release(path).catch((error: unknown) => error);
  assert.ok(hasCode(refused, "SANDBOX_CHANGED"), String(refused));
  const { changed } = refused.data as { changed: string[] };
  assert.deepEqual([...changed].sort(), ["a new file.txt", "package-lock.json", "server.js", "staged.txt"]);
  assert.ok(existsSync(join(path, "a new file.txt")), "nothing was touched");

  const { rescued } = await pools.release(path, true);
  assert.ok(rescued);
  assert.match(rescued, /^devlatch\/rescued-/);
  const shown = (file: string) => repository.git("show", `${rescued}:${file}`);
  assert.equal(shown("server.js"), "// changed");
  assert.equal(shown("a new file.txt"), "new");
  assert.equal(shown("staged.txt"), "staged");
  assert.equal(repository.git("ls-tree", "--name-only", rescued, "package-lock.json"), "");
  assert.equal(repository.git("rev-parse", `${rescued}^`), repository.git("rev-parse", "main"));
});

test("commits that nothing else reaches are kept, also those that HEAD has left; branches stay where they are", async (t) => {
  const { repository, pools } = await pool(t);
  const { path } = await pools.claim();
  const commit = async (name: string) => {
    await write(path, name, name);
    repository.gitIn(path, "add", ".");
    repository.gitIn(path, "commit", "--quiet", "-m", name);
    return repository.gitIn(path, "rev-parse", "HEAD");
  };
  const left = await commit("left behind");
  repository.gitIn(path, "checkout", "--quiet", "-b", "feature", "main");
  const feature = await commit("on a branch");
  repository.gitIn(path, "checkout", "--quiet", "--detach", "main");
  const replaced = await commit("to be amended");
  repository.gitIn(path, "commit", "--quiet", "--amend", "-m", "amended");
  const lone = repository.gitIn(path, "rev-parse", "HEAD");

  const { rescued } = await pools.release(path);

  assert.ok(rescued);
  const reached = repository.git("rev-list", rescued).split("\n");
  assert.ok(reached.includes(left) && reached.includes(lone), "both lone commits are below the branch");
  assert.ok(!reached.includes(replaced), "what was amended was replaced on purpose");
  assert.equal(repository.git("rev-parse", "feature"), feature);
  const again = await pools.claim();
  assert.equal(repository.gitIn(again.path, "rev-parse", "HEAD"), repository.git("rev-parse", "main"));
  assert.equal(
    (await pools.release(again.path)).rescued,
    null,
    "the next owner's release finds nothing of it",
  );
});

test("a repository inside a sandbox can't be kept on a branch, so the release refuses even to discard", async (t) => {
  const { repository, pools } = await pool(t);
  const { path } = await pools.claim();
  repository.gitIn(path, "init", "--quiet", "inner");
  await write(join(path, "inner"), "work.txt");
  repository.gitIn(join(path, "inner"), "add", ".");
  repository.gitIn(join(path, "inner"), "commit", "--quiet", "-m", "Inner");
  await assert.rejects(pools.release(path, true), (error) => hasCode(error, "SANDBOX_CHANGED"));
  assert.ok(existsSync(join(path, "inner/work.txt")));
});

test("a half-done rebase, a moved .git and a locked index don't reach the next owner", async (t) => {
  const { repository, pools } = await pool(t);
  const { path } = await pools.claim();
  const own = repository.gitIn(path, "rev-parse", "--absolute-git-dir");
  await mkdir(join(own, "rebase-merge"));
  await writeFile(join(own, "index.lock"), "");
  rmSync(join(path, ".git"));
  repository.gitIn(path, "init", "--quiet");
  await pools.release(path);
  const next = await pools.claim();
  assert.equal(repository.gitIn(next.path, "rev-parse", "--absolute-git-dir"), own);
  assert.ok(!existsSync(join(own, "rebase-merge")));
  assert.equal(repository.gitIn(next.path, "status", "--porcelain", "--ignored"), "");
});

test("only the owner's token releases and renews, also from inside the sandbox after it changed hands", async (t) => {
  const { repository, pools } = await pool(t);
  const claimed = await pools.claim();
  const signal = AbortSignal.timeout(60_000);
  const elsewhere = { cwd: repository.path, sandbox: claimed.sandboxId, signal };
  const refused = (error: unknown) => hasCode(error, "SANDBOX_NOT_OWNED");
  await assert.rejects(pools.sandboxes.release({ ...elsewhere, discard: true }), refused);
  await assert.rejects(pools.sandboxes.renew({ ...elsewhere, token: "0".repeat(32) }), refused);
  const renewed = await pools.sandboxes.renew({ ...elsewhere, token: claimed.token, leaseMs: 90_000 });
  assert.equal(renewed.leaseMs, 90_000);
  assert.ok(
    !JSON.stringify(await pools.store.records.list("")).includes(claimed.token),
    "the store has no token",
  );

  await pools.sandboxes.release({ ...elsewhere, token: claimed.token, discard: false });
  const next = await pools.claim({ owner: "somebody else" });
  assert.equal(next.path, claimed.path);
  await assert.rejects(pools.sandboxes.renew({ ...elsewhere, token: claimed.token }), refused);
});
