import { pause, withDeadline } from "../../../shared/base/deadline.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { restartMs } from "../attach/viewer.ts";
import type { Context } from "../context.ts";
import { presentLaunch } from "./launch-output.ts";
import type { Served } from "./served.ts";

/** How long a daemon may take to notice that a server has ended, in milliseconds. */
const noticeMs = 5_000;
const lookEveryMs = 50;
/** How long a restart that is due may take to begin, in milliseconds. */
const beginMs = 10_000;

/** What is known of the launch that has ended. */
export type EndedLaunch = Pick<Served, "app" | "sandboxId"> & { readonly launch: string | undefined };

/**
 * How long a server that has ended may take to be started again, in milliseconds; 0 where nothing will start it: it ended by
 * itself, or its last user leaves.
 */
export async function restartPatience(ended: EndedLaunch, context: Context): Promise<number> {
  const signal = withDeadline(noticeMs, `Looking what became of ${ended.app}`, context.signal);
  try {
    for (;;) {
      const patience = await patienceNow(ended, context, signal);
      if (patience !== undefined) return patience;
      await pause(lookEveryMs, signal);
    }
  } catch {
    return context.signal.aborted ? 0 : restartMs;
  }
}

/** @returns undefined where the end isn't noticed yet */
async function patienceNow(
  { app, sandboxId, launch }: EndedLaunch,
  context: Context,
  signal: AbortSignal,
): Promise<number | undefined> {
  const connection = await context.ensure(signal);
  try {
    const { sessions } = await connection.request("daemon/status", {}, { signal });
    const state = sessions.find((one) => one.app === app && one.sandboxId === sandboxId)?.state;
    const decided = patienceIn(state);
    if (decided !== undefined) return decided;
    const present = await presentLaunch(connection, { cwd: context.cwd, app }, signal);
    return present === launch ? undefined : restartMs;
  } finally {
    connection.dispose();
  }
}

function patienceIn(state: SessionState | undefined): number | undefined {
  switch (state?.kind) {
    case undefined:
    case "failed":
      return 0;
    case "stopped":
      // Without an exit it was a stop, which may be half of a restart.
      return state.exit === undefined ? restartMs : 0;
    case "restarting":
      return Math.max(0, state.at - Date.now()) + beginMs;
    case "stopping":
      return restartMs;
    default:
      return undefined;
  }
}
