import type { AppPlan } from "../../shared/model/app.ts";
import type { PortBlock, SandboxId } from "../../shared/model/sandbox.ts";
import type { LaunchRequest } from "../../shared/model/session.ts";

/** An app to act on, resolved. */
export interface Target {
  readonly sandboxId: SandboxId;
  readonly root: string;
  readonly plan: AppPlan;
  /** Where the sandbox is one of a pool. */
  readonly block?: PortBlock;
  /** What the caller asked for, kept for restarts. */
  readonly asked: LaunchRequest;
}
