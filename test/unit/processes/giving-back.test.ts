import assert from "node:assert/strict";
import { it } from "node:test";
import { GivingBack } from "../../../daemon/processes/giving-back.ts";

const megabyte = 1024 * 1024;
const look = (residentMegabytes: number, busy = 0) => ({ busy, residentBytes: residentMegabytes * megabyte });

it("A process gives back what its start took once it is quiet", () => {
  const due = new GivingBack(8 * megabyte);
  assert.equal(due.isDue(look(100, 0.4)), false, "at work");
  assert.equal(due.isDue(look(100)), true);
});

it("It does so again when it has taken more, and never for nothing", () => {
  const due = new GivingBack(8 * megabyte);
  due.gave(60 * megabyte);
  assert.equal(due.isDue(look(60)), false);
  assert.equal(due.isDue(look(66)), false, "less than it is worth");
  assert.equal(due.isDue(look(70)), true);
  due.gave(69 * megabyte);
  assert.equal(due.isDue(look(72)), false, "what it keeps now is what it needs");
});
