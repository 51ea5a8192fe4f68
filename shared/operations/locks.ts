import * as z from "zod";
import { none, yes } from "./fields.ts";
import { steps, to } from "./operation.ts";
import { palette } from "./palette.ts";

/** A caller that was shown a lock and what is known of its owner. */
interface ShownLock {
  readonly lock: { readonly key: string; readonly fence: number };
}

export const locks = steps({
  summary: "List the locks held now: owner, fencing token, time held and waiters.",
  args: none,
  options: z.object({
    watch: z.boolean().optional().describe("Go on as they change, until interrupted"),
    break: z
      .string()
      .min(1)
      .optional()
      .describe("Take the lock with this key from its owner, after showing whether that lives"),
    yes: yes.optional(),
  }),
  palette: palette.locks,
  requests: {
    list: to("lock/list", () => ({})),
    break: to("lock/break", ({ yes }: { yes?: boolean | undefined }, { lock }: ShownLock) => ({
      key: lock.key,
      fence: lock.fence,
      yes,
    })),
  },
});

export const metrics = steps({
  summary: "Print what the daemon counted about locks, in Prometheus' text format.",
  args: none,
  options: none,
  palette: null,
  requests: {
    text: to("monitor/metrics", () => ({})),
    view: to("monitor/concurrency", () => ({})),
  },
});
