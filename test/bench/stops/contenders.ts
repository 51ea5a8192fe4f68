import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import treeKill from "tree-kill";
import type { Owner } from "../../support/owner.ts";
import { execaParent, graceMs, hostParent, type Parent } from "./parents.ts";
import { openPm2 } from "./pm2.ts";
import type { NastyTree } from "./tree.ts";

/** Starts trees and ends them. */
export interface Contender {
  readonly name: string;
  readonly parent: Parent;
  stop(tree: NastyTree): Promise<void>;
}

type Fkill = (pid: number, options: object) => Promise<void>;

const endTree = promisify<number, string>(treeKill);
const byParent = (tree: NastyTree) => tree.stop();

export const devlatch: Contender = { name: "devlatch", parent: hostParent, stop: byParent };

/**
 * What is in use elsewhere: a polite signal, two seconds, SIGKILL.
 * @param peers folder with the node_modules of those that Devlatch itself has no use for
 */
export async function openOthers(peers: string, owner: Owner): Promise<readonly Contender[]> {
  const fkill = await loadFkill(peers);
  return [
    {
      name: "tree-kill",
      parent: execaParent,
      stop: async ({ pid }) => {
        await endTree(pid, "SIGTERM").catch(() => {});
        await delay(graceMs);
        await endTree(pid, "SIGKILL").catch(() => {});
      },
    },
    {
      name: "process group",
      parent: execaParent,
      stop: async ({ pid }) => {
        signal(-pid, "SIGTERM");
        await delay(graceMs);
        signal(-pid, "SIGKILL");
      },
    },
    { name: "execa, kill with forceKillAfterDelay", parent: execaParent, stop: byParent },
    {
      name: "fkill, tree with forceAfterTimeout",
      parent: execaParent,
      stop: ({ pid }) => fkill(pid, { tree: true, forceAfterTimeout: graceMs, silent: true }),
    },
    { name: "pm2, delete with treekill", parent: await openPm2(peers, owner), stop: byParent },
  ];
}

async function loadFkill(peers: string): Promise<Fkill> {
  const file = createRequire(join(peers, "package.json")).resolve("fkill");
  const { default: fkill } = (await import(pathToFileURL(file).href)) as { default: Fkill };
  return fkill;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}
