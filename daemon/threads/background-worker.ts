/** The thread that commits a flood of output, so that the terminal is read meanwhile; see `background.ts`. */
import { workerData } from "node:worker_threads";
import type { Answer, Order, WorkerInput } from "./background.ts";
import { Committer } from "./commit.ts";
import { openForWriting } from "./schema.ts";

const { file, retention, port, done } = workerData as WorkerInput;
const database = openForWriting(file);
const committer = new Committer(database, retention, Date.now);
/** What failed once is not gone around: what follows would come before it. */
let failure: string | undefined;

port.on("message", (order: Order) => {
  if (order === "end") {
    database.close();
    port.close();
    return;
  }
  answer(commit(order));
});

function commit(batch: Exclude<Order, "end">): Answer {
  try {
    if (failure === undefined) return { kind: "committed", end: committer.commit(batch) };
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return { kind: "failed", reason: failure ?? "" };
}

/** The count wakes a writer that waits without turning its event loop. */
function answer(message: Answer): void {
  port.postMessage(message);
  Atomics.add(done, 0, 1);
  Atomics.notify(done, 0);
}
