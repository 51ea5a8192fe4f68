import type { Log } from "../../shared/base/log.ts";

const nothing = () => {};

/** A log that no one reads. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
