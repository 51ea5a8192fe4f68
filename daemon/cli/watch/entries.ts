import { sessionKey } from "../../../shared/model/keys.ts";
import { isServer, type SandboxView } from "../../../shared/model/sandbox.ts";
import type { SessionView } from "../../../shared/model/session.ts";

/** A server on the screen: one that there is, or one that could be started. */
export interface Entry {
  /** The same as long as it is the same server of the same sandbox. */
  readonly key: string;
  readonly app: string;
  /** The directory whose app it is, for requests. */
  readonly cwd: string;
  readonly root: string;
  /** Undefined where it never ran. */
  readonly session: SessionView | undefined;
}

/**
 * All servers in the order they are shown: this project's apps in its own order, then those that others have running, by
 * path and name.
 * @param here the directory it is asked from; undefined where that isn't known
 */
export function entriesOf(sessions: readonly SessionView[], here: SandboxView | undefined): readonly Entry[] {
  const own = here ? ownEntries(sessions, here) : [];
  const shown = new Set(own.map(({ key }) => key));
  const others = sessions.filter((one) => !shown.has(sessionKey(one)) && one.state.kind !== "stopped");
  const isOwn = (one: SessionView) => one.sandboxId === here?.sandboxId;
  const order = (one: SessionView) => [isOwn(one) ? 0 : 1, one.root, one.app].join("\n");
  const sorted = others.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return [...own, ...sorted.map(entryOf)];
}

function ownEntries(sessions: readonly SessionView[], { apps, sandboxId, root }: SandboxView): Entry[] {
  return apps.filter(isServer).map(({ app, cwd }) => {
    const key = sessionKey({ sandboxId, app });
    const session = sessions.find((one) => sessionKey(one) === key);
    return session ? entryOf(session) : { key, app, cwd, root, session };
  });
}

function entryOf(session: SessionView): Entry {
  const { app, cwd, root } = session;
  return { key: sessionKey(session), app, cwd, root, session };
}

/** The entry that many further down (or up), within what there is. @param key undefined: none is chosen yet */
export function chosenAfter(
  entries: readonly Entry[],
  key: string | undefined,
  by: number,
): string | undefined {
  const at = entries.findIndex((one) => one.key === key);
  const next = Math.min(Math.max(Math.max(at, 0) + by, 0), entries.length - 1);
  return entries[next]?.key;
}
