import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { owning } from "../../support/owner.ts";
import { waitFor } from "../../support/wait.ts";
import { atMost, median, quantile, type Row, shown } from "../numbers.ts";
import type { GroupKill } from "./bare.ts";
import { Place } from "./place.ts";
import { concurrently, expo, next, type Program, plain, vite } from "./programs.ts";
import { scaled } from "./rounds.ts";

/** What became of a stop, in milliseconds from the request. */
interface Stop {
  /** No socket listens on the port any more. */
  readonly portFreeMs: number;
  /** The answer: no process of the tree lives, and the port was bound to see. */
  readonly answerMs: number;
}

const processes = createProcesses();

/** The stop of a server that ends when it is asked to, beside a SIGTERM to its group. */
export async function stop(effort: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const program of [plain, concurrently, vite, next, expo])
    rows.push(...(await stopsOf(program, effort)));
  return rows;
}

function stopsOf(program: Program, effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    const place = await Place.open(program, owner);
    const [ours, theirs]: [Stop[], GroupKill[]] = [[], []];
    for (let round = 0; round < scaled(program.rounds, effort); round++) {
      await place.start();
      ours.push(await timedStop(place));
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

async function timedStop(place: Place): Promise<Stop> {
  const begun = performance.now();
  const answer = place.stop();
  // Not by binding it: that would be in the way of the look that is measured.
  const isFree = async () => (await processes.listenersMark(place.port)) === "";
  await waitFor("the port to be free", isFree, { intervalMs: 1 });
  const portFreeMs = performance.now() - begun;
  return { portFreeMs, answerMs: await answer };
}

function rowsOf(name: string, ours: readonly Stop[], theirs: readonly GroupKill[]): Row[] {
  const what = `well-behaved stop, port bindable again: ${name}`;
  const portFree = theirs.map(({ portFreeMs }) => portFreeMs);
  const gone = theirs.map(({ goneMs }) => goneMs ?? Number.POSITIVE_INFINITY);
  const group = (share: number) => {
    const [port, last] = [quantile(portFree, share), quantile(gone, share)].map(Math.round);
    return `kill of the group: port free after ${port} ms, none left after ${last} ms`;
  };
  const free = ours.map(({ portFreeMs }) => portFreeMs);
  const answered = ours.map(({ answerMs }) => answerMs);
  return [
    atMost(`${what}, p95`, group(0.95), quantile(free, 0.95), 100, "ms"),
    shown(`${what}, p50`, group(0.5), median(free), "ms"),
    shown(`${what} and none left, p95`, group(0.95), quantile(answered, 0.95), "ms"),
    shown(`${what} and none left, p50`, group(0.5), median(answered), "ms"),
  ];
}
