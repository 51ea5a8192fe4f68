import assert from "node:assert/strict";
import { test } from "node:test";
import { rememberedIn } from "../../../extension/terminals/remembered.ts";

test("what a workspace remembers of terminals is read as far as it is sound, and no more than could be opened", () => {
  assert.deepEqual(rememberedIn(undefined), []);
  assert.deepEqual(rememberedIn({ key: "a" }), []);
  assert.deepEqual(rememberedIn([{ key: "a" }, null, 7, { key: 3 }, { key: "b", column: 2 }]), [
    { key: "a" },
    { key: "b", column: 2 },
  ]);
  for (const column of [0, -1, 1.5, 1e9, "2", null])
    assert.deepEqual(rememberedIn([{ key: "a", column }]), [{ key: "a" }], String(column));
  const many = Array.from({ length: 1_000 }, (_, index) => ({ key: String(index) }));
  assert.equal(rememberedIn(many).length, 20);
});
