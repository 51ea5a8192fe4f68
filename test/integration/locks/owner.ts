import { hold, openAnnouncedDaemon } from "./daemons.ts";

/**
 * A daemon's process that takes locks and keeps them. Arguments: Redis URL, keys with commas between, life of the locks
 * in ms.
 */
const [, , url = "", keys = "", ttlMs = ""] = process.argv;

const ending = Promise.withResolvers<void>();
process.once("SIGTERM", ending.resolve);
const ends: (() => Promise<void>)[] = [];
const { service } = await openAnnouncedDaemon(
  { after: (end) => void ends.push(end as () => Promise<void>) },
  url,
);
const terms = { ttlMs: Number(ttlMs), waitMs: 0, owner: "owner" };
const held = keys.split(",").map((key) => hold({ service }, key, terms));
const locks = await Promise.all(held);
console.log("held");
await ending.promise;
for (const { done, ended } of locks) {
  done();
  await ended;
}
for (const end of ends) await end();
