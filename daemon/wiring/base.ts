import { hostname } from "node:os";
import type { Scope } from "../../shared/base/disposable.ts";
import { randomToken } from "../../shared/base/token.ts";
import { version } from "../../shared/base/version.ts";
import { isHosted } from "../hosts/proof.ts";
import { ReadableJournal } from "../journal/readable-journal.ts";
import { DeadOwners, rivalAmong } from "../locks/dead-owners.ts";
import { LockService } from "../locks/lock-service.ts";
import { ConcurrencyMonitor } from "../monitor/monitor.ts";
import { machineId } from "../processes/machine.ts";
import { recordSignals } from "../processes/recorded.ts";
import { openStore } from "../store/open.ts";
import { Threads } from "../threads/threads.ts";
import type { DaemonOptions } from "./options.ts";

/** What everything else stands on: store, locks, journal, threads, and processes whose signals are written down. */
export type Base = Awaited<ReturnType<typeof createBase>>;

/** @throws DevlatchError `STORE_UNAVAILABLE`, `INVALID_INPUT` for a Redis URL that can't be used */
export async function createBase(options: DaemonOptions, scope: Scope) {
  const { home, log, redisUrl } = options;
  const journal = scope.add(
    new ReadableJournal(home.journalFile, {
      onProblem: (problem) => log.warn({ problem }, "journal problem"),
    }),
  );
  recordBirth(journal, options.predecessor);
  const processes = recordSignals(options.processes, (signal, target) =>
    journal.append({ kind: "signal", by: "daemon", signal, process: target }),
  );
  const machine = await machineId();
  const epoch = randomToken();
  const store = await openStore({
    home,
    log,
    redisUrl,
    machineId: machine,
    witness: { hosts: (claim) => isHosted(claim, processes), lives: (one) => processes.isAlive(one) },
    onRefused: ({ key, problem }) => {
      log.warn({ key, problem }, "a record of the shared store is refused");
      journal.append({ kind: "record", key, problem });
    },
    rivalAmong: (daemons) => rivalAmong(daemons, { processes, instance: epoch }),
  });
  const deadOwners = scope.add(
    new DeadOwners({ locks: store.locks, records: store.records, processes, log, instance: epoch }),
  );
  const locks = new LockService(store.locks, { instance: epoch, deadOwners });
  const name = `${hostname()}, daemon ${process.pid}`;
  const monitor = new ConcurrencyMonitor(locks, store, { instance: epoch, name });
  const threads = scope.add(new Threads());
  return {
    home,
    log,
    journal,
    processes,
    machineId: machine,
    epoch,
    store,
    deadOwners,
    locks,
    monitor,
    threads,
  };
}

function recordBirth(journal: ReadableJournal, predecessor: DaemonOptions["predecessor"]): void {
  const { pid } = process;
  journal.append({ kind: "daemon", pid, change: { kind: "started", version } });
  if (!predecessor) return;
  journal.append({ kind: "daemon", pid, change: { kind: "took-over", from: predecessor.pid } });
}
