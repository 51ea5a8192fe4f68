import { holdExclusive } from "../../../daemon/store/sqlite/exclusive.ts";

// A process that tries for the lock once, says how it went, and holds it until it is killed.
const [, , file = ""] = process.argv;
const lock = holdExclusive(file);
console.log(lock === undefined ? "occupied" : "held");
if (lock !== undefined) setInterval(() => {}, 60_000);
