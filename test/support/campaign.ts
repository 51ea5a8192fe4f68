import { randomFrom } from "./random.ts";

/**
 * Whether everything is to run that there is: all steps of all sweeps, each repetition, each row. `npm run campaign`
 * sets it. The tests of every commit take a sample of what repeats one claim, by a seed.
 */
const isCampaign = process.env["DEVLATCH_CAMPAIGN"] === "1";

/** DEVLATCH_SEED draws another sample. */
const seed = Number(process.env["DEVLATCH_SEED"] ?? 20_261_125);

/**
 * As `skip` of a test that shows once more what another test shows in `npm test`: with another framework, at another
 * moment, with more of it. Never of the only test of a claim.
 */
export const leftToCampaign = isCampaign ? false : "left to npm run campaign";

/** How often something is done: `few` times in the tests, `all` in a campaign. */
export function often(few: number, all: number): number {
  return isCampaign ? all : few;
}

/** `few` of the rows in the tests, by the seed and in their order; all of them in a campaign. */
export function sample<T>(rows: readonly T[], few: number): readonly T[] {
  const random = randomFrom(seed);
  const chosen = [...rows];
  while (!isCampaign && chosen.length > few) chosen.splice(Math.floor(random() * chosen.length), 1);
  return chosen;
}
