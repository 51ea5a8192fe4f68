import assert from "node:assert/strict";
import { test } from "node:test";
import { StartsUnderWay } from "../../../extension/commands/starts-under-way.ts";

test("a second start of a server joins the first; one that is over, also by failing, is begun anew", async () => {
  const starts = new StartsUnderWay<number>();
  let begun = 0;
  const ends: { resolve: (value: number) => void; reject: (reason: unknown) => void }[] = [];
  const begin = () => {
    begun += 1;
    return new Promise<number>((resolve, reject) => ends.push({ resolve, reject }));
  };
  const both = [starts.join("sb/web", begin), starts.join("sb/web", begin)];
  const other = starts.join("sb/api", begin);
  assert.equal(begun, 2);
  ends[0]?.resolve(7);
  assert.deepEqual(await Promise.all(both), [7, 7]);
  assert.equal(starts.has("sb/web"), false);
  ends[1]?.reject(new Error("no"));
  await assert.rejects(other);
  assert.equal(starts.has("sb/api"), false);
});
