import { owning } from "../../support/owner.ts";
import { atMost, median, quantile, type Row, shown } from "../numbers.ts";
import { Place } from "./place.ts";
import { concurrently, expo, next, type Program, plain, vite } from "./programs.ts";
import { scaled } from "./rounds.ts";

/** The stop of a server that ends when it is asked to, beside a SIGTERM to its group: both until the port can be bound. */
export async function stop(effort: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const program of [plain, concurrently, vite, next, expo])
    rows.push(...(await stopsOf(program, effort)));
  return rows;
}

function stopsOf(program: Program, effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    const place = await Place.open(program, owner);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < scaled(program.rounds, effort); round++) {
      await place.start();
      ours.push(await place.stop());
      const bare = await place.startBare();
      try {
        theirs.push(await bare.killGroup());
      } finally {
        await bare.end();
      }
    }
    return rowsOf(program.name, ours, theirs);
  });
}

function rowsOf(name: string, ours: readonly number[], theirs: readonly number[]): Row[] {
  const what = `well-behaved stop, port bindable again: ${name}`;
  const [p50, p95] = [Math.round(median(theirs)), Math.round(quantile(theirs, 0.95))];
  return [
    atMost(`${what}, p95`, `kill of the group: ${p95} ms`, quantile(ours, 0.95), 100, "ms"),
    shown(`${what}, p50`, `kill of the group: ${p50} ms`, median(ours), "ms"),
    shown(`${what}, p50`, "kill of the group", median(ours) / median(theirs)),
  ];
}
