/** Times that callers have to know, apart from the schemas: those take long to build, and few callers need them. */

/** Longest time a start may be given by a caller, in milliseconds. */
export const maxStartTimeoutMs = 30 * 60_000;
/** Time a start gets unless the caller says otherwise, in milliseconds. */
export const defaultStartTimeoutMs = 120_000;
/** Time a stop gets unless the caller says otherwise, in milliseconds. */
export const defaultStopTimeoutMs = 30_000;
/** How long a build is waited for unless the caller says otherwise, in milliseconds. */
export const defaultBuildWaitMs = 60_000;
