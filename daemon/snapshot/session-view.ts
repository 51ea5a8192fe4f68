import type { HolderView } from "../../shared/model/holder.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { BuildView } from "../../shared/model/output.ts";
import type { Resources } from "../../shared/model/resources.ts";
import type { SessionRecord, SessionView } from "../../shared/model/session.ts";
import { toSessionView } from "../../shared/model/session-state.ts";

/** What is known of a session beside its record. */
export interface SessionFacts {
  readonly holders: { of(session: SessionRecord): readonly HolderView[] };
  /** What the launch with this id uses. */
  readonly shown: { of(key: string, launchId: string | undefined): Resources | undefined };
  readonly builds: { of(record: SessionRecord): BuildView | undefined };
}

/** A session as clients see it, with who uses it and what its running launch uses. */
export function viewOf(record: SessionRecord, { shown, holders, builds }: SessionFacts): SessionView {
  const { sandboxId, app, hosting } = record;
  const launchId = hosting?.kind === "hosted" ? hosting.launchId : undefined;
  const view = toSessionView(record, holders.of(record), shown.of(sessionKey({ sandboxId, app }), launchId));
  const build = builds.of(record);
  return build ? { ...view, build } : view;
}
