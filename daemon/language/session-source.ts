import type { Event } from "../../shared/base/emitter.ts";
import type { AppName } from "../../shared/model/app.ts";
import type { SandboxId } from "../../shared/model/sandbox.ts";
import type { SessionRecord } from "../../shared/model/session.ts";

/** What the language features know of sessions: nothing here starts or stops one. */
export interface SessionSource {
  /** The sandbox a directory belongs to. @throws DevlatchError `DIRECTORY_MISSING` */
  sandboxOf(directory: string): Promise<SandboxId>;
  /** The session of an app as last seen. */
  find(sandboxId: SandboxId, app: AppName): SessionRecord | undefined;
  /** Fires with `{sandboxId}/{app}` of a session that changed or went. */
  readonly onChanged: Event<{ readonly key: string }>;
}
