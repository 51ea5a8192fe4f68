/**
 * How Node is started for the daemon and for session hosts: with its collector within reach, so that they can give back
 * what a start took (`daemon/processes/memory.ts`).
 */
export const runtimeArguments: readonly string[] = ["--expose-gc"];
