import assert from "node:assert/strict";
import { test } from "node:test";
import { often } from "../support/campaign.ts";
import { campaign } from "./fuzz/campaign.ts";
import { decoders } from "./fuzz/decoders.ts";

const seed = Number(process.env["DEVLATCH_SEED"] ?? 4711);

test(`no decoder throws, hangs or grows at what strangers wrote (seed ${seed})`, async () => {
  const rounds = often(150, 1_000);
  const { inputs, faults } = await campaign({ rounds }, seed);
  assert.deepEqual(faults, [], `npm run fuzz -- 60 ${seed}`);
  assert.equal(inputs, rounds * decoders.length);
});
