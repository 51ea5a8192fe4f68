import { owning } from "../../support/owner.ts";
import { atMost, median, type Row, shown } from "../numbers.ts";
import { Place } from "./place.ts";
import { plain } from "./programs.ts";
import { scaled } from "./rounds.ts";

/**
 * `session/start` for a server that runs, beside a request that the daemon answers from memory, on the same socket by
 * turns.
 */
export function warm(effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    const place = await Place.open(plain, owner);
    await place.start();
    const [reuse, request]: [number[], number[]] = [[], []];
    const rounds = scaled(500, effort);
    for (let round = 0; round < 2 * rounds; round++) {
      const taken = await timed(async () => {
        const { outcome } = await place.ask();
        if (outcome !== "reused") throw new Error(`It was ${outcome}, not reused`);
      });
      const trivial = await timed(() => place.connection.request("run/list", {}));
      // The first half runs code that isn't compiled yet.
      if (round < rounds) continue;
      reuse.push(taken);
      request.push(trivial);
    }
    await place.stop();
    const what = "`start` on a running server over one socket, p50";
    const against = `a trivial request: ${median(request).toPrecision(2)} ms`;
    return [
      atMost(what, against, median(reuse), 3, "ms"),
      shown(what, "a trivial request", median(reuse) / median(request)),
    ];
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
