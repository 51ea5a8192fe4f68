import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import treeKill from "tree-kill";
import type { NastyTree } from "./tree.ts";

/** Ends a tree of which the pid of the leader is known. */
export type Contender = (tree: NastyTree) => Promise<void>;

/** As long a polite signal is given, in milliseconds. */
const graceMs = 2_000;
const endTree = promisify<number, string>(treeKill);

/** What is in use elsewhere: a polite signal, two seconds, SIGKILL. */
export const contenders: Readonly<Record<string, Contender>> = {
  "tree-kill": async ({ pid }) => {
    await endTree(pid, "SIGTERM").catch(() => {});
    await delay(graceMs);
    await endTree(pid, "SIGKILL").catch(() => {});
  },
  "process group": async ({ pid }) => {
    signal(-pid, "SIGTERM");
    await delay(graceMs);
    signal(-pid, "SIGKILL");
  },
  "execa, kill with forceKillAfterDelay": async ({ kill }) => {
    kill();
    await delay(graceMs);
  },
};

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}
