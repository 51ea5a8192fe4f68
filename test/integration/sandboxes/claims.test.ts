import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ExclusiveLocks } from "../../../daemon/locks/lock-service.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { freePort, occupyPort } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import { openPools } from "./pools.ts";
import { addGate, makeRepository } from "./repository.ts";

const never = new AbortController().signal;

async function repositoryWith(t: TestContext, sandboxes: object, apps?: object) {
  return makeRepository(t, { apps: apps ?? { web: { port: await freePort() } }, sandboxes });
}

test("two services on one store never give out more than the maximum, nor a path or port twice", async (t) => {
  const repository = await repositoryWith(
    t,
    { max: 4 },
    { web: { port: 41_000 }, api: { command: "x", port: 41_010 } },
  );
  const pools = [await openPools(t, repository), await openPools(t, repository)];
  const claims = Array.from({ length: 12 }, (_, index) =>
    pools[index % 2]?.claim({ owner: `owner ${index}` }),
  );
  const outcomes = await Promise.allSettled(claims);
  const won = outcomes.flatMap((one) => (one.status === "fulfilled" && one.value ? [one.value] : []));
  const lost = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  assert.equal(won.length, 4);
  assert.equal(new Set(won.map(({ path }) => path)).size, 4);
  assert.equal(new Set(won.map(({ sandboxId }) => sandboxId)).size, 4);
  assert.equal(new Set(won.map(({ token }) => token)).size, 4);
  const ports = won.flatMap((one) => Object.values(one.ports));
  assert.equal(ports.length, 8);
  assert.equal(new Set([...ports, 41_000, 41_010]).size, 10, `${ports}`);
  for (const { path } of won) assert.ok(existsSync(join(path, "server.js")));
  for (const error of lost) {
    assert.ok(hasCode(error, "POOL_EXHAUSTED"), String(error));
    const { owners, nextLeaseEndMs } = error.data as { owners: { owner: string }[]; nextLeaseEndMs: number };
    assert.deepEqual(new Set(owners.map(({ owner }) => owner)), new Set(won.map(({ owner }) => owner)));
    assert.ok(nextLeaseEndMs > 0 && nextLeaseEndMs <= 60_000);
  }
});

test("waiting claims get released sandboxes in the order they came, or a deadline that names the owners", async (t) => {
  const repository = await repositoryWith(t, { max: 1 });
  const pools = await openPools(t, repository);
  const held = await pools.claim({ owner: "first" });
  const served: string[] = [];
  const late = pools.claim({ owner: "late", waitMs: 300 }).catch((error: unknown) => error);
  const error = await late;
  assert.ok(hasCode(error, "DEADLINE") && /first/.test(error.message), String(error));
  const claim = async (owner: string) => {
    const claimed = await pools.claim({ owner, waitMs: 60_000 });
    served.push(owner);
    await pools.release(claimed.path);
  };
  // A claim looks at its repository first, so two made at once may come to the pool in either order.
  const looked = new Set<string>();
  t.after(pools.locks.onEvent(({ kind, owner }) => kind === "released" && looked.add(owner)).dispose);
  const waiting = [claim("second")];
  await waitFor("the second to have found the pool exhausted", () =>
    [...looked].some((words) => words.endsWith("for second")),
  );
  // Whether it comes before or after the release: it may not take what the other one waits for.
  waiting.push(claim("third"));
  await pools.release(held.path);
  await Promise.all(waiting);
  assert.deepEqual(served, ["second", "third"]);
});

test("a claim that no caller waits for any more leaves no owner", async (t) => {
  const repository = await repositoryWith(t, { max: 1 });
  const gate = await addGate(repository);
  const pools = await openPools(t, repository);
  const gone = new AbortController();
  gate.close();
  const claim = pools.claim({ signal: gone.signal }).catch((error: unknown) => error);
  await waitFor("the checkout to wait", gate.reached);
  gone.abort(new Error("gone"));
  assert.match(String(await claim), /gone/);
  gate.open();
  assert.ok((await pools.claim()).path);
});

test("a creation that takes longer than the lock's expiry keeps the lock", async (t) => {
  const repository = await repositoryWith(t, { max: 2 });
  const gate = await addGate(repository);
  const hasty = (locks: ExclusiveLocks): ExclusiveLocks => ({
    withLock: (key, terms, work) => locks.withLock(key, { ...terms, ttlMs: 600 }, work),
  });
  const one = await openPools(t, repository, hasty);
  const two = await openPools(t, repository, hasty);
  gate.close();
  const slow = one.claim({ owner: "slow" });
  await waitFor("the checkout to wait", gate.reached);
  let settled = false;
  const other = two.claim({ owner: "other" }).finally(() => {
    settled = true;
  });
  await waitFor("the lock to be held for three lives", async () => {
    const held = (await two.locks.list()).find(({ key }) => key.startsWith("sandbox_pool:"));
    return (held?.heldMs ?? 0) > 1_800;
  });
  assert.equal(settled, false, "no other got into the pool");
  gate.open();
  const [a, b] = await Promise.all([slow, other]);
  assert.notEqual(a.path, b.path);
});

test("a block has no port that is in use, that the checkout uses or that another pool has", async (t) => {
  const base = await freePort();
  const taken = await occupyPort(base + 10);
  t.after(taken.release);
  const apps = { web: { port: base }, api: { command: "x", port: base + 30 } };
  const repository = await repositoryWith(t, { max: 3 }, apps);
  const pools = await openPools(t, repository);
  const first = await pools.claim();
  // +10 is in use, +30 would make web the checkout's own api.
  assert.deepEqual(first.ports, { web: base + 20, api: base + 50 });
  const second = await pools.claim();
  assert.deepEqual(second.ports, { web: base + 40, api: base + 70 });

  const other = await makeRepository(t, { apps: { web: { port: base + 10 } } });
  // Another repository, managed by the same daemon: +10 is the first sandbox's web, +20 the first pool's own api.
  const { ports } = await pools.claim({ cwd: other.path });
  assert.deepEqual(ports, { web: base + 60 });

  await pools.release(first.path);
  const stranger = await occupyPort(base + 20);
  t.after(stranger.release);
  const again = await pools.claim();
  assert.equal(again.path, first.path);
  assert.notEqual(again.ports["web"], base + 20, "a spare whose port a stranger took gets another block");
});

test("an idle sandbox is taken back only without server, commits and changes, and only after its lease", async (t) => {
  const repository = await repositoryWith(t, { max: 4 });
  const pools = await openPools(t, repository);
  const claimed = [];
  for (const owner of ["serves", "committed", "changed", "idle"]) claimed.push(await pools.claim({ owner }));
  const [serves, committed, changed, idle] = claimed;
  assert.ok(serves && committed && changed && idle);
  pools.serving.add(serves.sandboxId);
  repository.gitIn(committed.path, "commit", "--quiet", "--allow-empty", "-m", "Nowhere else");
  mkdirSync(join(changed.path, "new"));
  rmSync(join(changed.path, "server.js"));
  const exhausted = (error: unknown) => hasCode(error, "POOL_EXHAUSTED");

  await pools.sandboxes.sweep();
  await assert.rejects(pools.claim({ owner: "too early" }), exhausted);
  pools.advance(61_000);
  const next = await pools.claim({ owner: "next" });
  assert.equal(next.path, idle.path);
  await assert.rejects(pools.claim({ owner: "one more" }), exhausted);
  await pools.sandboxes.sweep();
  const owners = async () => (await pools.sandboxes.list(repository.path, never)).map(({ owner }) => owner);
  assert.deepEqual(await owners(), ["serves", "committed", "changed", "next"]);

  const late = { cwd: idle.path, token: idle.token, signal: never };
  await assert.rejects(pools.sandboxes.renew(late), (error) => hasCode(error, "SANDBOX_NOT_OWNED"));
  pools.serving.clear();
  repository.gitIn(committed.path, "branch", "merged");
  repository.gitIn(changed.path, "checkout", "--quiet", ".");
  pools.advance(61_000);
  await pools.sandboxes.sweep();
  assert.deepEqual(await owners(), [null, null, null, null]);
});

test("a server that was started by hand in an idle sandbox keeps it from being taken back and from release", async (t) => {
  const repository = await repositoryWith(t, { max: 1 });
  const pools = await openPools(t, repository);
  const { path } = await pools.claim();
  const before = process.cwd();
  // This very process listens from within the sandbox.
  process.chdir(path);
  const server = await occupyPort();
  t.after(async () => {
    process.chdir(before);
    await server.release();
  });
  pools.advance(61_000);
  await assert.rejects(pools.claim(), (error) => hasCode(error, "POOL_EXHAUSTED"));
  await assert.rejects(
    pools.release(path),
    (error) => hasCode(error, "SANDBOX_BUSY") && error.message.includes(String(process.pid)),
  );
  process.chdir(before);
  await server.release();
  assert.equal((await pools.claim()).path, path);
});

test("warm spares are made up to their number, and more than that don't stay", async (t) => {
  const repository = await repositoryWith(t, { max: 4, warm: 2 });
  const pools = await openPools(t, repository);
  const states = async () =>
    (await pools.sandboxes.list(repository.path, never)).map(({ state }) => state).sort();
  const first = await pools.claim();
  const second = await pools.claim();
  await waitFor("the spares", async () => (await states()).join() === "claimed,claimed,spare,spare");
  await pools.release(first.path);
  await pools.release(second.path);
  assert.deepEqual(await states(), ["spare", "spare", "spare", "spare"]);
  pools.advance(2_000);
  // A sweep leaves a pool alone that is busy just now.
  await waitFor("the spares that are too many to go", async () => {
    await pools.sandboxes.sweep();
    return (await states()).join() === "spare,spare";
  });
  assert.equal(repository.git("worktree", "list", "--porcelain").match(/^worktree /gm)?.length, 3);
});

test("a worktree that was deleted by hand is forgotten, its commits are kept, its place is used again", async (t) => {
  const repository = await repositoryWith(t, { max: 1 });
  const pools = await openPools(t, repository);
  const { path } = await pools.claim();
  repository.gitIn(path, "commit", "--quiet", "--allow-empty", "-m", "Nowhere else");
  const lone = repository.gitIn(path, "rev-parse", "HEAD");
  rmSync(path, { recursive: true });
  assert.equal((await pools.claim()).path, path);
  const [branch] = repository.rescued();
  assert.equal(repository.git("rev-parse", branch ?? "none"), lone);
});

test("a claim outside any checkout, without a commit or with a ref that isn't there says so", async (t) => {
  const repository = await repositoryWith(t, { max: 1 });
  const pools = await openPools(t, repository);
  const outside = dirname(repository.path);
  await assert.rejects(pools.claim({ cwd: outside }), (error) => hasCode(error, "NOT_A_CHECKOUT"));
  await assert.rejects(pools.claim({ ref: "no-such" }), (error) => hasCode(error, "INVALID_INPUT"));
  await assert.rejects(pools.claim({ ref: "--all" }), (error) => hasCode(error, "INVALID_INPUT"));
  const empty = join(outside, "empty");
  mkdirSync(empty);
  repository.gitIn(empty, "init", "--quiet");
  await assert.rejects(pools.claim({ cwd: empty }), (error) => hasCode(error, "INVALID_INPUT"));
  const path = process.env["PATH"];
  process.env["PATH"] = outside;
  t.after(() => {
    process.env["PATH"] = path;
  });
  await assert.rejects(
    pools.claim(),
    (error) => hasCode(error, "GIT_FAILED") && /installed/.test(error.message),
  );
});

test("a claim made in a sandbox takes from the same pool and begins at that sandbox's commit", async (t) => {
  const repository = await repositoryWith(t, { max: 2 });
  const pools = await openPools(t, repository);
  const outer = await pools.claim();
  repository.gitIn(outer.path, "commit", "--quiet", "--allow-empty", "-m", "Ahead");
  const inner = await pools.claim({ cwd: outer.path });
  assert.equal(dirname(inner.path), dirname(outer.path));
  assert.equal(inner.commit, repository.gitIn(outer.path, "rev-parse", "HEAD"));
  assert.equal((await pools.sandboxes.list(inner.path, never)).length, 2);
});
