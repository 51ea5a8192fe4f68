import { until, withDeadline } from "../../../shared/base/deadline.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { SessionState } from "../../../shared/model/session.ts";

/** How long the daemon gets to end what a cancelled start had begun, in milliseconds. */
const settleMs = 10_000;
const pollMs = 100;

/**
 * After a start was cancelled: waits until the daemon has cleaned up, and says what became of the server. A start
 * that this caller began leaves nothing; one that others wait for goes on for them.
 */
export async function cancelledStart(
  connection: Connection,
  cwd: string,
  app: string,
): Promise<DevlatchError> {
  let last: SessionState | undefined;
  try {
    const signal = withDeadline(settleMs, "Cancelling the start");
    const { sandboxId } = await connection.request("sandbox/describe", { cwd }, { signal });
    await until(
      async () => {
        const { sessions } = await connection.request("daemon/status", {}, { signal });
        last = sessions.find((one) => one.app === app && one.sandboxId === sandboxId)?.state;
        const settled = last === undefined || ["stopped", "failed", "ready", "crashed"].includes(last.kind);
        return settled ? true : undefined;
      },
      { intervalMs: pollMs, signal },
    );
    return cancelled(app, fateOf(app, last), last);
  } catch {
    if (last) return cancelled(app, fateOf(app, last), last);
    return cancelled(app, {
      what: "the daemon didn't say what became of it",
      remedy: "Look with: devlatch status",
    });
  }
}

interface Fate {
  readonly what: string;
  readonly remedy: string;
}

/** What became of the server, in words. */
export function fateOf(app: string, state: SessionState | undefined): Fate {
  switch (state?.kind) {
    case "ready":
      return { what: `it runs on at ${state.url}`, remedy: `Stop it with: devlatch stop ${app}` };
    case "crashed":
      return {
        what: "it has crashed and waits for a change",
        remedy: `Mend it, or stop it with: devlatch stop ${app}`,
      };
    case "starting":
      return { what: "it goes on starting for another caller", remedy: `Stop it with: devlatch stop ${app}` };
    case "stopping":
      return { what: "it is still being stopped", remedy: "Look with: devlatch status" };
    default:
      return { what: "no server was left behind", remedy: `Start it again with: devlatch start ${app}` };
  }
}

function cancelled(app: string, fate: Fate, state?: SessionState): DevlatchError {
  const message = `The start of ${app} was cancelled; ${fate.what}.`;
  return new DevlatchError("CANCELLED", message, fate.remedy, { data: { state: state?.kind ?? null } });
}
