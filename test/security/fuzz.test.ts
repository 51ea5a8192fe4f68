import assert from "node:assert/strict";
import { test } from "node:test";
import { campaign } from "./fuzz/campaign.ts";

const seed = Number(process.env["DEVLATCH_SEED"] ?? 4711);

test(`no decoder throws, hangs or grows at what strangers wrote (seed ${seed})`, async () => {
  const { inputs, faults } = await campaign(60, seed);
  assert.deepEqual(faults, [], `npm run fuzz -- 60 ${seed}`);
  assert.ok(inputs > 100);
});
