import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { PortBlocks } from "../../../daemon/sandboxes/port-blocks.ts";
import { WorktreePorts } from "../../../daemon/sandboxes/worktree-ports.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import { silentLog } from "../../support/log.ts";
import * as ports from "../../support/ports.ts";
import { makeRepository } from "./repository.ts";

const never = new AbortController().signal;
const workspace = createWorkspace();

/** A repository whose apps have two ports, and the ports of its worktrees by directory. */
async function worktrees(t: TestContext) {
  const [web, api] = [await ports.freePort(), await ports.freePort()];
  const apps = { web: { command: "node web.js", port: web }, api: { command: "node api.js", port: api } };
  const repository = await makeRepository(t, { apps }, { "deep/devlatch.json": JSON.stringify({ apps }) });
  const store = await openSqliteStore({ file: join(repository.path, "..", "store.db") });
  const locks = new LockService(store.locks, { reaskMs: 50 });
  const open = () => new PortBlocks(locks, store.records, "machine", silentLog);
  const all = [open()];
  t.after(async () => {
    for (const one of all) one.dispose();
    await locks.close();
    await store.close();
  });
  const portIn = async (root: string, app = "web", blocks = all[0] ?? open()) => {
    const plan = await workspace.plan({ cwd: root, app });
    return (await new WorktreePorts(blocks, workspace, "machine").portOf({ root, plan }, never))?.port;
  };
  const add = (name: string) => {
    const path = join(repository.path, "..", name);
    repository.git("worktree", "add", "--quiet", "-b", name, path);
    return path;
  };
  /** As a daemon that starts anew, on the same store. */
  const afterRestart = (root: string) => {
    const blocks = open();
    all.push(blocks);
    return portIn(root, "web", blocks);
  };
  return { repository, web, api, add, portIn, afterRestart };
}

test("the main checkout has the ports that its configuration says; each further worktree has its own", async (t) => {
  const { repository, web, api, add, portIn } = await worktrees(t);
  const [one, two] = [add("one"), add("two")];
  assert.equal(await portIn(repository.path), undefined);
  const found = await Promise.all([portIn(one), portIn(one, "api"), portIn(two), portIn(two, "api")]);
  assert.equal(new Set([...found, web, api]).size, 6);
  assert.ok(found.every((port) => port !== undefined));
});

test("they stay: whatever listens there, after a restart, and when another worktree goes", async (t) => {
  const { repository, add, portIn, afterRestart } = await worktrees(t);
  const [one, two] = [add("one"), add("two")];
  const port = (await portIn(one)) ?? assert.fail("it is a worktree");
  const second = await portIn(two);
  const { release } = await ports.occupyPort(port);
  t.after(release);
  assert.equal(await portIn(one), port);
  assert.equal(await afterRestart(one), port);
  rmSync(two, { recursive: true });
  repository.git("worktree", "prune");
  assert.equal(await afterRestart(one), port);
  assert.notEqual(await portIn(add("three")), port, "what is free again may be given away, nothing else");
  assert.ok(second !== port);
});

test("another project of the repository has ports of its own", async (t) => {
  const { add, portIn } = await worktrees(t);
  const one = add("one");
  assert.notEqual(await portIn(one), await portIn(join(one, "deep")));
});

test("what only looks like a worktree has none", async (t) => {
  const { repository } = await worktrees(t);
  const inner = join(repository.path, "inner");
  mkdirSync(inner);
  mkdirSync(join(repository.path, ".git/modules/x"), { recursive: true });
  const plan = await workspace.plan({ cwd: inner, app: "web", command: ["node", "web.js"] });
  const nothing = () => assert.fail("it has no block");
  const nobody = { keep: nothing, known: nothing };
  for (const text of [
    "",
    "gitdir: ../nowhere/worktrees/x\n",
    "gitdir: ../.git/modules/x\n",
    "x".repeat(99_999),
  ]) {
    writeFileSync(join(inner, ".git"), text);
    const found = await new WorktreePorts(nobody, workspace, "machine").portOf({ root: inner, plan }, never);
    assert.equal(found, undefined, text.slice(0, 40));
  }
});
