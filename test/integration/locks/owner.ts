import { openAnnouncedDaemon } from "./daemons.ts";

/** A daemon's process that takes a lock and keeps it. Arguments: Redis URL, key, life of the lock in ms. */
const [, , url = "", key = "", ttlMs = ""] = process.argv;

const ending = Promise.withResolvers<void>();
process.once("SIGTERM", ending.resolve);
const ends: (() => Promise<void>)[] = [];
const { service } = await openAnnouncedDaemon(
  { after: (end) => void ends.push(end as () => Promise<void>) },
  url,
);
const terms = { ttlMs: Number(ttlMs), waitMs: 0, owner: "owner" };
await service.withLock(key, terms, () => {
  console.log("held");
  return ending.promise;
});
for (const end of ends) await end();
