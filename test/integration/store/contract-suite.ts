import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Store } from "../../../daemon/store/store.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { patienceMs } from "../../support/wait.ts";
import { lockClaims } from "./claims/locks.ts";
import { recordClaims } from "./claims/records.ts";

/** What the suite needs to know of an implementation. */
export interface Subject {
  readonly name: string;
  /** Opens another handle on the same data, as another daemon would. */
  open(): Promise<Store>;
  /** Ends what the handles work on. */
  end(): Promise<void>;
}

/** Claims every store must make good. `prepare` runs once. */
export function storeContract(name: string, prepare: () => Promise<Subject>): void {
  describe(`the contract of a store, ${name}`, () => {
    let subject: Subject;
    let store: Store;
    let other: Store;
    before(async () => {
      subject = await prepare();
      store = await subject.open();
      other = await subject.open();
    });
    after(async () => {
      await store?.close();
      await other?.close();
      await subject?.end();
    });
    lockClaims(() => ({ store, other }));
    recordClaims(() => ({ store, other }));

    test("a probe measures a round trip of a healthy store", async () => {
      const begun = performance.now();
      const elapsedMs = await store.probe(AbortSignal.timeout(patienceMs));
      assert.ok(elapsedMs > 0 && elapsedMs <= performance.now() - begun, `${elapsedMs} ms`);
      assert.equal(store.healthy, true);
    });

    test("handles on the same data tell the same time, and it goes on", async () => {
      const begun = performance.now();
      const times = [await store.now(), await other.now(), await store.now()];
      assert.deepEqual(times, times.toSorted());
      assert.ok((times[2] ?? 0) - (times[0] ?? 0) <= performance.now() - begun + 1, times.join());
    });

    test("a closed store refuses every call instead of hanging", async () => {
      const closed = await subject.open();
      await closed.close();
      const calls = [
        () => closed.records.get("a"),
        () => closed.locks.list(),
        () => closed.probe(AbortSignal.timeout(5_000)),
        () => closed.now(),
      ];
      for (const call of calls) await assert.rejects(call(), (error) => hasCode(error, "STORE_UNAVAILABLE"));
    });
  });
}
