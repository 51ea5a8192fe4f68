import { formatMs } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { OverBudget, UnusedServer } from "../../shared/model/budget.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import { memoryWords } from "../../shared/model/resource-words.ts";
import type { Resources } from "../../shared/model/resources.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Holders } from "../holders/holders.ts";

/** What the budget needs of the rest. */
export interface MemoryBudgetDependencies {
  /** Records of the sessions that this machine hosts. */
  readonly hosted: () => readonly SessionRecord[];
  readonly holders: Pick<Holders, "isHeld" | "unusedSince" | "wasUsedByPerson">;
  /** What the running launch of a session used last. */
  readonly used: (key: string) => Resources | undefined;
  /** Share of the memory that servers may use together, in percent. */
  readonly percent: () => number;
  /** Of the machine, or of the container this runs in, in bytes. */
  readonly memoryBytes: number;
  /** Milliseconds since the epoch by the store's clock. */
  readonly now: () => Promise<number>;
}

/** What all servers of this machine may use of its memory; beyond it an unused one of an agent is offered, never taken. */
export class MemoryBudget {
  readonly #parts: MemoryBudgetDependencies;

  constructor(parts: MemoryBudgetDependencies) {
    this.#parts = parts;
  }

  /**
   * To be asked before another server is launched. What it will use isn't known: it counts as the average of those that
   * run.
   * @param app the one that is about to be started
   * @throws DevlatchError `OVER_BUDGET` where that goes beyond the budget and a server is there that could be stopped;
   *   `STORE_UNAVAILABLE`
   */
  async requireRoom(app: string): Promise<void> {
    const { hosted, used, percent, memoryBytes } = this.#parts;
    const records = hosted();
    const figures = records.flatMap((record) => used(sessionKey(record))?.memoryBytes ?? []);
    if (figures.length === 0) return;
    const usedBytes = figures.reduce((sum, bytes) => sum + bytes, 0);
    const budgetBytes = (memoryBytes * percent()) / 100;
    if (usedBytes + usedBytes / figures.length <= budgetBytes) return;
    const unused = await this.#longestUnused(records);
    if (unused) throw overBudget(app, { usedBytes, budgetBytes, unused }, percent());
  }

  async #longestUnused(records: readonly SessionRecord[]): Promise<UnusedServer | undefined> {
    const { holders, used, now } = this.#parts;
    const found: UnusedServer[] = [];
    for (const record of records) {
      const { app, session, root, startedBy, startedAt, state } = record;
      const resources = used(sessionKey(record));
      const isAgents = startedBy?.kind === "agent" && !holders.wasUsedByPerson(record);
      if (!isAgents || !resources || state.kind === "starting" || (await holders.isHeld(record))) continue;
      const unusedMs = Math.max(0, (await now()) - (holders.unusedSince(record) ?? startedAt));
      const { memoryBytes } = resources;
      found.push({ app, session, root, memoryBytes, unusedMs, startedBy: startedBy.label });
    }
    return found.sort((a, b) => b.unusedMs - a.unusedMs)[0];
  }
}

function overBudget(app: string, data: OverBudget, percent: number): DevlatchError {
  const { usedBytes, budgetBytes, unused } = data;
  const what = `${memoryWords(unused.memoryBytes)}, unused for ${formatMs(unused.unusedMs)}, started by ${unused.startedBy}`;
  return new DevlatchError(
    "OVER_BUDGET",
    `${app} was not started: servers use ${memoryWords(usedBytes)} of the ${memoryWords(budgetBytes)} they may use together (${percent} % of the memory), and one more would go beyond that.`,
    `Stop one that an agent left: devlatch stop ${unused.app} --cwd ${unused.root} (${what}). Or start it all the same: devlatch start ${app} --over-budget`,
    { data },
  );
}
