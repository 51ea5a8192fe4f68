import assert from "node:assert/strict";
import { test } from "node:test";
import { LineReader } from "../../../daemon/threads/lines.ts";
import { Pending } from "../../../daemon/threads/pending.ts";

function holding(bytes: Buffer): Pending {
  const pending = new Pending();
  pending.addOutput(bytes, new LineReader().take(bytes), 1);
  pending.bound();
  return pending;
}

test("while nothing can be written short lines are bounded by their number, also those that aren't rendered yet", () => {
  assert.equal(holding(Buffer.from("\n".repeat(40_000))).bytes, 40_000);
  const pending = holding(Buffer.from("\n".repeat(60_000)));
  assert.equal(pending.bytes, 0);
  const [lost] = pending.batch(2).messages;
  assert.deepEqual(lost, {
    ...{ time: 2, kind: "event" },
    texts: ["60000 bytes of output could not be written and are lost"],
  });
});
