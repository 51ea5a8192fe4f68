import type { Exit } from "./exit.ts";
import type { HolderView } from "./holder.ts";
import type { Resources } from "./resources.ts";
import type { SessionRecord, SessionState, SessionView } from "./session.ts";

/** Whether a process tree may live in this state. */
export function isLive(state: SessionState): boolean {
  return ["starting", "ready", "crashed", "stopping"].includes(state.kind);
}

/** Whether something runs, or will by itself. */
export function isActive(state: SessionState): boolean {
  return isLive(state) || state.kind === "restarting";
}

/** Restarts in a row after which a server is left alone. */
export const mostRestarts = 5;

/** Whether a person ended it: by SIGINT, or with the code that shells and runners make of that (128 + 2). */
export function isInterrupted({ code, signal }: Exit): boolean {
  return signal === "SIGINT" || code === 130;
}

/**
 * @param holders who uses it
 * @param resources what the launch in the record uses, if that is known
 */
export function toSessionView(
  record: SessionRecord,
  holders: readonly HolderView[],
  resources?: Resources,
): SessionView {
  const { session, app, sandboxId, root, fence, state, startedAt, settings, startedBy, framework, restarts } =
    record;
  return {
    session,
    app,
    sandboxId,
    root,
    fence,
    state,
    startedAt,
    cwd: settings.cwd,
    command: settings.command.join(" "),
    hosting: record.hosting?.kind ?? "none",
    ...(resources && isLive(state) ? { resources } : {}),
    holders: isActive(state) ? [...holders] : [],
    ...(startedBy ? { startedBy } : {}),
    ...(framework === undefined ? {} : { framework }),
    ...(restarts > 0 ? { restarts } : {}),
  };
}
