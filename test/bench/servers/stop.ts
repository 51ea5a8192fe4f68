import { owning } from "../../support/owner.ts";
import { atMost, median, quantile, type Row, shown } from "../numbers.ts";
import type { GroupKill } from "./bare.ts";
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
    const [ours, theirs]: [number[], GroupKill[]] = [[], []];
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

function rowsOf(name: string, ours: readonly number[], theirs: readonly GroupKill[]): Row[] {
  const what = `well-behaved stop, port bindable again: ${name}`;
  const portFree = theirs.map(({ portFreeMs }) => portFreeMs);
  const gone = theirs.map(({ goneMs }) => goneMs ?? Number.POSITIVE_INFINITY);
  const group = (share: number) => {
    const [port, last] = [quantile(portFree, share), quantile(gone, share)].map(Math.round);
    return `kill of the group: port free after ${port} ms, nobody left after ${last} ms`;
  };
  return [
    atMost(`${what}, p95`, group(0.95), quantile(ours, 0.95), 100, "ms"),
    shown(`${what}, p50`, group(0.5), median(ours), "ms"),
    shown(`${what}, p50`, "kill of the group, port free", median(ours) / median(portFree)),
  ];
}
