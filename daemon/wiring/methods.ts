import type { DaemonView } from "../../shared/model/daemon.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import { trustedFileIn } from "../detect/believed.ts";
import type { Doctor } from "../doctor/doctor.ts";
import { callOfRun } from "../journal/recording.ts";
import { alertMethods } from "../methods/alerts.ts";
import { doctorMethods } from "../methods/doctor.ts";
import type { Handlers, Listeners } from "../methods/handlers.ts";
import { healthMethods } from "../methods/health.ts";
import { journalMethods } from "../methods/journal.ts";
import { languageListeners } from "../methods/language.ts";
import { lockMethods } from "../methods/locks.ts";
import { monitorMethods } from "../methods/monitor.ts";
import { outputMethods } from "../methods/output.ts";
import { portMethods } from "../methods/ports.ts";
import { runMethods } from "../methods/runs.ts";
import { sandboxMethods } from "../methods/sandboxes.ts";
import { sessionMethods } from "../methods/sessions.ts";
import { stateMethods } from "../methods/state.ts";
import { terminalMethods } from "../methods/terminals.ts";
import { usageMethods } from "../methods/usage.ts";
import type { SnapshotHub } from "../snapshot/hub.ts";
import type { Base } from "./base.ts";
import type { Services } from "./services.ts";
import type { UseCases } from "./use-cases.ts";
import type { Watchers } from "./watchers.ts";

/** What is answered about the daemon itself. */
export interface DaemonSelf {
  readonly hub: SnapshotHub;
  readonly doctor: Doctor;
  readonly daemon: () => DaemonView;
  readonly shutDown: () => void;
}

/** A handler for every method of the protocol. */
export function createMethods(
  { locks, monitor, journal, processes, log }: Base,
  { sessions, runs, steps, sandboxes, workspace, holders, cleanups, resources }: Services,
  { health, alerts }: Watchers,
  useCases: UseCases,
  { doctor, ...self }: DaemonSelf,
): Handlers {
  const { callers, locator, holding, byHand, output, viewers } = useCases;
  return {
    ...stateMethods({ ...self, locks, holders, holding, callers, byHand, cleanups, runs }),
    ...lockMethods(locks, ({ key, owner, fence }, by) => {
      log.warn({ key, fence, owner, by }, "a lock was broken");
      journal.append({ kind: "lock", key, owner, change: { kind: "broken", fence, by } });
    }),
    ...monitorMethods(monitor),
    ...sandboxMethods(sandboxes, locator, byHand, useCases.apps, workspace),
    ...sessionMethods({ ...useCases, processes }, resources),
    ...usageMethods({ ...useCases, sessions }),
    ...outputMethods(output, useCases.taskOutput, holding, callers),
    ...journalMethods(journal),
    ...healthMethods(health),
    ...alertMethods(alerts),
    ...terminalMethods(viewers, useCases),
    ...portMethods(sessions, processes, useCases, log),
    ...runMethods(runs, locator, steps, (result) => journal.append(callOfRun(result))),
    ...doctorMethods(doctor, log),
  };
}

/** A listener for every notification that clients send. */
export function createListeners(
  { log, home }: Base,
  { sessions }: Services,
  { locator }: UseCases,
): Listeners {
  const { registry } = sessions;
  const source = {
    sandboxOf: async (directory: string) => (await locator.sandbox(directory)).sandboxId,
    find: (sandboxId: string, app: string) => registry.peek(sessionKey({ sandboxId, app })),
    onChanged: registry.onChanged,
  };
  return languageListeners({ sessions: source, trustedFile: trustedFileIn(home.directory), log });
}
