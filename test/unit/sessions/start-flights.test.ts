import assert from "node:assert/strict";
import { test } from "node:test";
import { StartFlights } from "../../../daemon/sessions/start-flights.ts";
import { startLockKey } from "../../../shared/model/keys.ts";

test("who waits for a start's lock is told whose it is", async () => {
  const place = { sandboxId: "sb_1", app: "web" };
  const locks = {
    withLock: () => new Promise(() => {}),
    list: async () => [{ key: startLockKey(place), owner: "box, daemon 7, starting web" }],
  };
  const flights = new StartFlights(locks as never);
  const told = Promise.withResolvers<string>();
  const ended = new AbortController();
  const flight = flights.begin(place, () => Promise.reject(new Error("it never gets the lock")));
  flight.join(ended.signal, (phase, message) => told.resolve(`${phase}: ${message}`)).catch(() => {});
  assert.equal(await told.promise, "locking: Waiting for box, daemon 7, starting web");
  ended.abort();
});
