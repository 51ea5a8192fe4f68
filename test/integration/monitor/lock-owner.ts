import { hasCode } from "../../../shared/base/errors.ts";
import { waitFor } from "../../support/wait.ts";
import { openInstance } from "./instance.ts";

/**
 * A process that takes a lock and, once all locks of the ring are held, waits for the next one while it holds its own.
 * Arguments: Redis URL, own lock, next lock, number of locks in the ring. Says on its standard output what happens.
 * SIGTERM: gives up waiting.
 */
const [, , url = "", own = "", next = "", size = "1"] = process.argv;

const { locks, monitor, close } = await openInstance(url, `owner of ${own}`, { renewMs: 1_000 });
const giveUp = new AbortController();
process.once("SIGTERM", () => giveUp.abort(new Error("gave up")));
locks.onEvent(({ kind, key }) => kind === "queued" && key === next && console.log(`queued ${Date.now()}`));
monitor.onChanged(({ alerts }) => {
  for (const { id } of alerts) console.log(`alert ${id}`);
});

const terms = { ttlMs: 10_000, waitMs: 120_000, owner: `owner of ${own}` };
await locks.withLock(own, terms, async () => {
  await waitFor("the whole ring", async () => (await locks.list()).length === Number(size));
  try {
    await locks.withLock(next, { ...terms, signal: giveUp.signal }, async () => console.log("got both"));
  } catch (error) {
    if (!giveUp.signal.aborted || hasCode(error)) throw error;
    console.log("gave up");
  }
});
await close();
