/** The thread that commits a flood, which after some batches dies or falls silent right after a commit. */
import { workerData } from "node:worker_threads";
import type { WorkerInput } from "../../../daemon/threads/background.ts";

const { searchParams } = new URL(import.meta.url);
const { port, done } = workerData as WorkerInput;
const answer = port.postMessage.bind(port);
let left = Number(searchParams.get("answers"));

port.postMessage = (message: unknown) => {
  if (left-- > 0) answer(message);
  else if (searchParams.get("then") === "dies") process.exit(1);
  // It goes on committing, and no one hears of it.
  else Atomics.sub(done, 0, 1);
};

await import("../../../daemon/threads/background-worker.ts");
