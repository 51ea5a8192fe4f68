/** The newest V8 whose flags are known here: a runtime refuses to start with one that it doesn't know. */
const newestKnown = 14;

/**
 * How Node is started for the daemon and for session hosts: with its collector within reach, so that they can give back
 * what a start took (`daemon/processes/memory.ts`), and without V8's own way to that, which wakes a process every eight
 * seconds until it has been busy enough, and then collects on all its threads (heap/memory-reducer.cc). And without its
 * middle compiler (sparkplug): what that makes isn't given back, half a megabyte in a process that waits, and what runs
 * hot is compiled by the next one anyway.
 */
export const runtimeArguments: readonly string[] = [
  "--expose-gc",
  ...(Number.parseInt(process.versions.v8, 10) <= newestKnown
    ? ["--no-memory-reducer", "--no-sparkplug"]
    : []),
];
