import * as z from "zod";
import { type AtMoment, moments, none } from "./fields.ts";
import { momentOf } from "./moment.ts";
import { steps, to } from "./operation.ts";
import { palette } from "./palette.ts";

export const health = steps({
  summary: "Check store, database, concurrency, resources and servers now, or show how they were.",
  args: none,
  options: z.object({
    history: z.boolean().optional().describe("Show how they were instead of checking now"),
    since: z.string().optional().describe(`history: from then on, ${moments} (a day ago unless told)`),
  }),
  palette: palette.health,
  requests: {
    check: to("health/check", () => ({})),
    history: to("health/history", ({ since = "1d" }: { since?: string | undefined }, { now }: AtMoment) => ({
      from: momentOf("since", since, now),
      to: now,
      limit: 5_000,
    })),
  },
});
