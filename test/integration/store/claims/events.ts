import assert from "node:assert/strict";
import { test } from "node:test";
import type { Handles } from "./handles.ts";

export function eventClaims(handles: Handles): void {
  test("events have a sequence that grows by one, and are read by cursor without gap or repetition", async () => {
    const { store, other } = handles();
    const first = await store.events.append("opened", { by: "first" });
    for (let i = 1; i <= 25; i++) {
      assert.equal(await (i % 2 ? store : other).events.append("count", { i }), first + i);
    }
    const seen: number[] = [];
    for (let cursor = first; ; ) {
      const page = await other.events.read(cursor, 10);
      const last = page.at(-1);
      if (last === undefined) break;
      seen.push(...page.map(({ seq }) => seq));
      cursor = last.seq;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, i) => first + i + 1),
    );
    const [event] = await store.events.read(first - 1, 1);
    assert.deepEqual([event?.kind, event?.data], ["opened", { by: "first" }]);
    assert.ok(Math.abs((event?.time ?? 0) - Date.now()) < 60_000);
  });
}
