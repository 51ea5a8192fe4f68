import type { ConflictPolicy } from "../../shared/model/app.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { StartedBy } from "../../shared/model/session.ts";

/** What a caller wishes for a launch. */
export interface LaunchWishes {
  readonly onConflict: ConflictPolicy;
  readonly consent: readonly ProcessIdentity[];
  readonly callerEnvironment: Readonly<Record<string, string>>;
  /** On whose behalf; absent where that can't be told. */
  readonly startedBy?: StartedBy | undefined;
  /** The port that it had, and keeps unless another is asked for. */
  readonly keepPort?: number | undefined;
  /** The restart this launch is; absent where a caller asks for it. */
  readonly restart?: { readonly attempt: number; readonly why: string } | undefined;
}
