import { owning } from "../../support/owner.ts";
import { atMost, median, type Row } from "../numbers.ts";
import { Place } from "./place.ts";
import { next, type Program, plain } from "./programs.ts";
import { scaled } from "./rounds.ts";

/**
 * From asking a warm daemon to its answer that the server is ready, beside the same command from its spawn to its first
 * answer.
 */
export async function ready(effort: number): Promise<Row[]> {
  return [...(await readinessOf(plain, effort)), ...(await readinessOf(next, effort))];
}

function readinessOf(program: Program, effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    const place = await Place.open(program, owner);
    const [ours, theirs]: [number[], number[]] = [[], []];
    // One round more: the first fills the framework's caches.
    for (let round = 0; round <= scaled(program.rounds, effort); round++) {
      const through = await place.start();
      await place.stop();
      const bare = await place.startBare();
      await bare.end();
      if (round === 0) continue;
      ours.push(through);
      theirs.push(bare.readyAfterMs);
    }
    const against = `the same command run bare: ${Math.round(median(theirs))} ms`;
    const more = median(ours) - median(theirs);
    return [atMost(`time to ready through Devlatch: ${program.name}, more`, against, more, 50, "ms")];
  });
}
