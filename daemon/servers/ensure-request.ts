import type { StartRequest } from "../sessions/start.ts";
import type { AppWishes } from "./locator.ts";

/** What a caller asks for to have a server: which app, and how it is started if it doesn't run. */
export type EnsureRequest = Omit<StartRequest, "restart" | "mayLaunch"> & {
  readonly wishes: AppWishes;
  /** Whether it may be started beyond what servers may use of the memory. */
  readonly overBudget: boolean;
};
