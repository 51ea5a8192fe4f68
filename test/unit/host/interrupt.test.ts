import assert from "node:assert/strict";
import { test } from "node:test";
import { Interrupt } from "../../../daemon/host/interrupt.ts";

const exit = { code: 1, signal: null };
const ctrlC = "\u0003";

function at(ms: { now: number }, ...keys: readonly string[]): Interrupt {
  const interrupt = new Interrupt(() => ms.now);
  for (const key of keys) interrupt.typed(key);
  return interrupt;
}

test("a server that ends soon after Ctrl-C was interrupted, whatever code it gives", () => {
  const clock = { now: 0 };
  const interrupt = at(clock, "r", ctrlC);
  clock.now = 9_000;
  assert.deepEqual(interrupt.explain(exit), { code: 1, signal: "SIGINT" });
});

test("an end without Ctrl-C, long after it, or after more keys is the server's own", () => {
  const clock = { now: 0 };
  const late = at(clock, ctrlC);
  clock.now = 11_000;
  for (const interrupt of [late, at(clock, "q"), at(clock, ctrlC, "r"), at(clock)])
    assert.deepEqual(interrupt.explain(exit), exit);
});

test("an end with code 0 is one already", () => {
  assert.deepEqual(at({ now: 0 }, ctrlC).explain({ code: 0, signal: null }), { code: 0, signal: null });
});
