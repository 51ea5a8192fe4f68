import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
// Loaded by hosts: see `rpc/api.ts` of the two kinds of zod.
import * as z from "zod/mini";
import { ProcessIdentity } from "../../shared/model/process-identity.ts";
import { keyOf } from "../processes/pid-history.ts";

/** Processes remembered at most; the oldest go first. */
const capacity = 1_000;

const LedgerFile = z.object({ launchId: z.string(), processes: z.array(ProcessIdentity) });

/**
 * The processes seen in a launch's tree, on disk too: a cleanup after a host that was killed finds those that
 * left group, session and environment, for no process descends from that host any more.
 */
export class Ledger {
  readonly #file: string;
  readonly #launchId: string;
  readonly #seen = new Map<string, ProcessIdentity>();

  constructor(directory: string, launchId: string) {
    this.#file = ledgerFile(directory);
    this.#launchId = launchId;
  }

  get processes(): readonly ProcessIdentity[] {
    return [...this.#seen.values()];
  }

  /** Remembers who is in the tree now. @throws where the file can't be written; the memory has them then */
  saw(processes: readonly ProcessIdentity[]): void {
    const isNew = processes.some((one) => !this.#seen.has(keyOf(one)));
    for (const { pid, startTime } of processes) {
      const identity = { pid, startTime };
      // Those that live move to the young end.
      this.#seen.delete(keyOf(identity));
      this.#seen.set(keyOf(identity), identity);
    }
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= capacity) break;
      this.#seen.delete(oldest);
    }
    if (isNew) this.#write();
  }

  #write(): void {
    const temporary = `${this.#file}.new`;
    const content = { launchId: this.#launchId, processes: this.processes };
    writeFileSync(temporary, `${JSON.stringify(content)}\n`, { mode: 0o600 });
    renameSync(temporary, this.#file);
  }
}

/** The processes seen in this very launch; none where nothing was written down. */
export function readLedger(directory: string, launchId: string): readonly ProcessIdentity[] {
  try {
    const found = LedgerFile.parse(JSON.parse(readFileSync(ledgerFile(directory), "utf8")));
    return found.launchId === launchId ? found.processes : [];
  } catch {
    return [];
  }
}

function ledgerFile(directory: string): string {
  return join(directory, "ledger.json");
}
