/** The thread that commits a flood of output, so that the terminal is read meanwhile; see `background.ts`. */
import { workerData } from "node:worker_threads";
import { Arrivals } from "./arrivals.ts";
import type { Answer, Order, Posted, WorkerInput } from "./background.ts";
import { Committer } from "./commit.ts";
import { openForWriting } from "./schema.ts";

const { file, retention, writer, port, done } = workerData as WorkerInput;
const database = openForWriting(file);
const committer = new Committer(database, retention, Date.now);
const arrivals = new Arrivals(database, writer);
committer.transaction(() => arrivals.begin(Date.now()));
/** What failed once is not gone around: what follows would come before it. */
let failure: string | undefined;

port.on("message", (order: Order) => {
  if (order === "end") {
    end();
    return;
  }
  answer(commit(order));
});

function commit({ number, batch }: Posted): Answer {
  try {
    if (failure === undefined) {
      const end = committer.commit(batch, () => arrivals.arrive(number, Date.now()));
      return { kind: "committed", end };
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return { kind: "failed", reason: failure ?? "" };
}

function end(): void {
  try {
    committer.transaction(() => arrivals.end());
  } catch {
    // The entry is swept when it is old.
  }
  database.close();
  port.close();
}

/** The count wakes a writer that waits without turning its event loop. */
function answer(message: Answer): void {
  port.postMessage(message);
  Atomics.add(done, 0, 1);
  Atomics.notify(done, 0);
}
