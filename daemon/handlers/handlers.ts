import { alertHandlers } from "./alerts.ts";
import { buildHandlers } from "./builds.ts";
import type { Handlers, Listeners } from "./contract.ts";
import { doctorHandlers } from "./doctor.ts";
import { healthHandlers } from "./health.ts";
import { journalHandlers } from "./journal.ts";
import { languageListeners } from "./language.ts";
import { lockHandlers } from "./locks.ts";
import { logHandlers } from "./logs.ts";
import { monitorHandlers } from "./monitor.ts";
import type { Parts } from "./parts.ts";
import { portHandlers } from "./ports.ts";
import { resourceHandlers } from "./resources.ts";
import { runHandlers } from "./runs.ts";
import { sandboxHandlers } from "./sandboxes.ts";
import { sessionHandlers } from "./sessions.ts";
import { stateHandlers } from "./state.ts";
import { terminalHandlers } from "./terminals.ts";
import { workspaceHandlers } from "./workspaces.ts";

/** A handler for every method of the protocol. */
export function createHandlers(parts: Parts): Handlers {
  return {
    ...stateHandlers(parts),
    ...lockHandlers(parts),
    ...monitorHandlers(parts),
    ...workspaceHandlers(parts),
    ...sandboxHandlers(parts),
    ...sessionHandlers(parts),
    ...logHandlers(parts),
    ...buildHandlers(parts),
    ...journalHandlers(parts),
    ...healthHandlers(parts),
    ...alertHandlers(parts),
    ...resourceHandlers(parts),
    ...terminalHandlers(parts),
    ...portHandlers(parts),
    ...runHandlers(parts),
    ...doctorHandlers(parts),
  };
}

/** A listener for every notification that clients send. */
export function createListeners(parts: Parts): Listeners {
  return languageListeners(parts);
}
