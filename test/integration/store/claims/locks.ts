import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "../../../../daemon/store/store.ts";
import { hasCode } from "../../../../shared/base/errors.ts";
import { randomToken } from "../../../../shared/base/token.ts";
import { waitFor } from "../../../support/wait.ts";
import { type Handles, request } from "./handles.ts";

export function lockClaims(handles: Handles): void {
  test("a free lock is granted, and only its holder's token releases it", async () => {
    const { store, other } = handles();
    const a = request();
    const granted = await store.locks.acquire(a, 0);
    assert.equal(granted.kind, "granted");
    assert.deepEqual(await other.locks.acquire(request(a.key), 0), { kind: "refused", owner: a.owner });
    assert.equal(await other.locks.release(a.key, randomToken()), false);
    assert.equal(await other.locks.release(a.key, a.token.toUpperCase()), false);
    assert.equal(await store.locks.release(a.key, a.token), true);
    assert.equal((await other.locks.acquire(request(a.key), 0)).kind, "granted");
  });

  test("the same request sent twice gets the same fence", async () => {
    const { store } = handles();
    const a = request();
    const first = await store.locks.acquire(a, 0);
    assert.deepEqual(await store.locks.acquire(a, 0), first);
  });

  test("a late resend of a released request is no zombie grant", async () => {
    const { store, other } = handles();
    const a = request();
    await store.locks.acquire(a, 0);
    await store.locks.release(a.key, a.token);
    await assert.rejects(store.locks.acquire(a, 1_000), (error) => hasCode(error, "CANCELLED"));
    assert.equal((await other.locks.acquire(request(a.key), 0)).kind, "granted");
  });

  test("a late resend of a cancelled request is no zombie grant", async () => {
    const { store } = handles();
    const a = request();
    await store.locks.cancel(a.key, a.token);
    await assert.rejects(store.locks.acquire(a, 1_000), (error) => hasCode(error, "CANCELLED"));
    assert.deepEqual(await held(store, a.key), undefined);
  });

  test("a release that is sent again says again that it released", async () => {
    const { store } = handles();
    const a = request();
    await store.locks.acquire(a, 0);
    assert.equal(await store.locks.release(a.key, a.token), true);
    assert.equal(await store.locks.release(a.key, a.token), true);
  });

  test("waiters get the lock in the order they came, each with a higher fence, and are told", async () => {
    const { store } = handles();
    const requests = Array.from({ length: 6 }, (_, i) => request(undefined, { owner: `waiter ${i}` }));
    const key = requests[0]?.key ?? "";
    const grants: { token: string; fence: number }[] = [];
    const subscription = store.locks.onGranted((grant) => grant.key === key && grants.push(grant));
    const replies = [];
    for (const one of requests) replies.push(await store.locks.acquire({ ...one, key }, 5_000));
    assert.deepEqual(
      replies.map((reply) => (reply.kind === "queued" ? reply.position : reply.kind)),
      ["granted", 1, 2, 3, 4, 5],
    );
    for (const [i, { token }] of requests.entries()) {
      assert.equal(await store.locks.release(key, token), true);
      await waitFor("the push", () => grants.length === Math.min(i + 1, 5));
    }
    subscription.dispose();
    assert.deepEqual(
      grants.map(({ token }) => token),
      requests.slice(1).map(({ token }) => token),
    );
    const fences = grants.map(({ fence }) => fence);
    assert.ok(
      fences.every((fence, i) => i === 0 || fence > (fences[i - 1] ?? 0)),
      fences.join(" "),
    );
  });

  test("a request queued twice has one place", async () => {
    const { store } = handles();
    const [a, b, c] = [request(), request(), request()];
    await store.locks.acquire(a, 0);
    for (const [one, position] of [
      [b, 1],
      [c, 2],
      [b, 1],
    ] as const) {
      const reply = await store.locks.acquire({ ...one, key: a.key }, 5_000);
      assert.deepEqual(reply, { kind: "queued", position, owner: a.owner });
    }
    assert.equal((await held(store, a.key))?.waiters, 2);
  });

  test("a waiter whose request ran out is passed over", async () => {
    const { store } = handles();
    const [a, late, patient] = [request(), request(), request()];
    await store.locks.acquire(a, 0);
    await store.locks.acquire({ ...late, key: a.key }, 1);
    await store.locks.acquire({ ...patient, key: a.key, owner: "patient" }, 10_000);
    await waitFor("the request to run out", async () => (await held(store, a.key))?.waiters === 1);
    await store.locks.release(a.key, a.token);
    assert.equal((await held(store, a.key))?.owner, "patient");
  });

  test("cancelling ends a request wherever it stands", async () => {
    const { store } = handles();
    const [a, waiting, next] = [request(), request(), request()];
    await store.locks.acquire(a, 0);
    await store.locks.acquire({ ...waiting, key: a.key }, 10_000);
    await store.locks.acquire({ ...next, key: a.key, owner: "next" }, 10_000);
    await store.locks.cancel(a.key, waiting.token);
    assert.equal((await held(store, a.key))?.waiters, 1);
    await store.locks.cancel(a.key, a.token);
    assert.equal((await held(store, a.key))?.owner, "next");
    await store.locks.cancel(a.key, next.token);
    await store.locks.cancel(a.key, next.token);
    assert.equal(await held(store, a.key), undefined);
  });

  test("an expired lock goes to the next that asks, and is lost to its holder", async () => {
    const { store, other } = handles();
    const a = request(undefined, { ttlMs: 60 });
    const first = await store.locks.acquire(a, 0);
    await waitFor("the expiry", async () => (await held(store, a.key)) === undefined);
    assert.deepEqual((await store.locks.renew([a])).lost, [a.key]);
    const second = await other.locks.acquire(request(a.key), 0);
    assert.ok(first.kind === "granted" && second.kind === "granted" && second.fence > first.fence);
    assert.equal(await store.locks.release(a.key, a.token), false);
    assert.deepEqual((await store.locks.renew([a])).lost, [a.key]);
  });

  test("an expired lock goes to the first in the queue, not to the first who notices", async () => {
    const { store, other } = handles();
    const a = request(undefined, { ttlMs: 300 });
    const [first, second] = [request(a.key, { owner: "first" }), request(a.key, { owner: "second" })];
    await store.locks.acquire(a, 0);
    await store.locks.acquire(first, 10_000);
    await other.locks.acquire(second, 10_000);
    await waitFor("the expiry", async () => (await held(store, a.key)) === undefined);
    const reply = await other.locks.acquire(second, 10_000);
    assert.deepEqual(reply, { kind: "queued", position: 1, owner: "first" });
    assert.equal((await store.locks.acquire(first, 10_000)).kind, "granted");
  });

  test("a lock is broken by its exact fence, goes to the first waiter, and is lost to its holder", async () => {
    const { store, other } = handles();
    const a = request();
    const waiter = request(a.key);
    const granted = await store.locks.acquire(a, 0);
    assert.ok(granted.kind === "granted");
    await other.locks.acquire(waiter, 5_000);
    assert.equal(await other.locks.break(a.key, granted.fence + 1), false, "not that grant");
    assert.equal(await other.locks.break(a.key, granted.fence), true);
    const next = await held(store, a.key);
    assert.ok((next?.fence ?? 0) > granted.fence);
    assert.equal(await other.locks.break(a.key, granted.fence), false, "once is enough");
    assert.equal((await held(store, a.key))?.fence, next?.fence);
    assert.deepEqual((await store.locks.renew([{ ...a, fence: granted.fence }])).lost, [a.key]);
    assert.equal((await other.locks.acquire(waiter, 5_000)).kind, "granted");
    await other.locks.release(waiter.key, waiter.token);
    assert.equal(await other.locks.break(a.key, next?.fence ?? 0), false, "a free lock can't be broken");
  });

  test("a grant made elsewhere is adopted with its fence, and further fences are above it", async () => {
    const { store, other } = handles();
    const a = request();
    const before = await store.locks.acquire(request(), 0);
    assert.ok(before.kind === "granted");
    const fence = before.fence + 3_600_000_000;
    await store.locks.adopt(a.key, fence, a);
    await store.locks.adopt(a.key, fence, a);
    assert.deepEqual(
      [(await held(other, a.key))?.fence, (await held(other, a.key))?.owner],
      [fence, a.owner],
    );
    assert.deepEqual((await store.locks.renew([{ ...a, fence }])).lost, []);
    assert.equal((await other.locks.acquire(request(a.key), 0)).kind, "refused");
    assert.equal(await store.locks.release(a.key, a.token), true);
    const next = await other.locks.acquire(request(a.key), 0);
    assert.ok(next.kind === "granted" && next.fence > fence);
  });

  test("what another holds is not adopted; the fence alone makes no one its holder", async () => {
    const { store, other } = handles();
    const [a, b] = [request(), request()];
    const granted = await other.locks.acquire(a, 0);
    assert.ok(granted.kind === "granted");
    await store.locks.adopt(a.key, granted.fence + 1, request(a.key));
    assert.equal((await held(store, a.key))?.fence, granted.fence);
    await store.locks.adopt(b.key, granted.fence + 2);
    assert.equal(await held(store, b.key), undefined);
  });

  test("how long a holder was silent counts from its grant and its last renewal", async () => {
    const { store, other } = handles();
    const a = request();
    await store.locks.acquire(a, 0);
    const silence = async () => (await held(other, a.key))?.silentMs ?? -1;
    await waitFor("some silence", async () => (await silence()) > 100);
    const renewedAt = performance.now();
    await store.locks.renew([a]);
    const silentMs = await silence();
    assert.ok(silentMs >= 0 && silentMs <= performance.now() - renewedAt + 50, `${silentMs} ms`);
    await store.locks.release(a.key, a.token);
  });

  test("renewal keeps many locks alive at once and names the lost ones", async () => {
    const { store } = handles();
    const kept = Array.from({ length: 5 }, () => request(undefined, { ttlMs: 2_000 }));
    for (const one of kept) await store.locks.acquire(one, 0);
    const gone = request();
    const begun = performance.now();
    await waitFor("more than one life", async () => {
      assert.deepEqual((await store.locks.renew([...kept, gone])).lost, [gone.key]);
      return performance.now() - begun > 4_000;
    });
    for (const { key, token } of kept) assert.equal(await store.locks.release(key, token), true);
  });

  test("what a dead daemon held is released by its successor, and nothing of others", async () => {
    const { store, other } = handles();
    const dead = randomToken();
    const left = request(undefined, { token: dead + randomToken() });
    const waiter = request(left.key);
    const foreign = request();
    await store.locks.acquire(left, 0);
    await store.locks.acquire(waiter, 5_000);
    await store.locks.acquire(foreign, 0);
    await other.locks.abandon(dead);
    assert.equal(await store.locks.release(left.key, left.token), true, "it was this token's last release");
    assert.equal((await store.locks.acquire(waiter, 5_000)).kind, "granted", "the waiter has it now");
    assert.equal(await store.locks.release(foreign.key, foreign.token), true, "others keep theirs");
    await store.locks.release(waiter.key, waiter.token);
  });

  test("the list shows who holds what, in the order of keys", async () => {
    const { store, other } = handles();
    const prefix = randomToken();
    for (const name of ["{b}", "{a}", "{a}c"]) {
      await store.locks.acquire(request(`${prefix}${name}`, { owner: `owner of ${name} – ü "quoted"` }), 0);
    }
    await other.locks.acquire(request(`${prefix}{a}`), 5_000);
    const entries = (await other.locks.list()).filter(({ key }) => key.startsWith(prefix));
    assert.deepEqual(
      entries.map(({ key, owner, waiters }) => [key.slice(prefix.length), owner, waiters]),
      [
        ["{a}", 'owner of {a} – ü "quoted"', 1],
        ["{a}c", 'owner of {a}c – ü "quoted"', 0],
        ["{b}", 'owner of {b} – ü "quoted"', 0],
      ],
    );
    assert.ok(entries.every(({ ttlMs, heldMs }) => ttlMs > 29_000 && ttlMs <= 30_000 && heldMs >= 0));
  });

  test("100 requests at once lead to one grant", async () => {
    const { store, other } = handles();
    const { key } = request();
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, i) => (i % 2 ? store : other).locks.acquire(request(key), 0)),
    );
    assert.equal(replies.filter(({ kind }) => kind === "granted").length, 1);
  });
}

async function held(store: Store, key: string) {
  return (await store.locks.list()).find((entry) => entry.key === key);
}
