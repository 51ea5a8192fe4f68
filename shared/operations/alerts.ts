import * as z from "zod";
import { DevlatchError } from "../base/errors.ts";
import { AlertKind } from "../model/alert.ts";
import { durationMs } from "./duration.ts";
import { steps, to } from "./operation.ts";

const duration = z
  .string()
  .regex(/^\d{1,6}(\.\d+)?[smhd]$/, "is a number and s, m, h or d: 90s, 30m, 2h or 1d");

interface Target {
  readonly target?: string | undefined;
}

export const alerts = steps({
  summary: "Show what is wrong now and what to do; silence one for a while, or a kind of them.",
  args: z.object({
    action: z.enum(["list", "snooze", "mute", "unmute"]).optional().describe("What to do; list unless told"),
    target: z
      .string()
      .min(1)
      .optional()
      .describe("snooze: the alert's id, or its beginning; mute, unmute: server, lock or health"),
  }),
  options: z.object({ for: duration.optional().describe("snooze: for how long; 1h unless told") }),
  palette: null,
  requests: {
    list: to("alerts/list", ({ target }: Target) => {
      if (target !== undefined) throw wants("list takes no more words");
      return {};
    }),
    snooze: to("alerts/snooze", ({ target, for: time = "1h" }: Target & { for?: string | undefined }) => {
      if (target === undefined) throw wants("snooze wants the id of an alert");
      return { id: target, forMs: durationMs(time) };
    }),
    mute: to("alerts/mute", ({ target }: Target) => ({ kind: kindOf("mute", target), muted: true })),
    unmute: to("alerts/mute", ({ target }: Target) => ({ kind: kindOf("unmute", target), muted: false })),
  },
});

function kindOf(action: string, target: string | undefined): AlertKind {
  const kind = AlertKind.safeParse(target).data;
  if (!kind) throw wants(`${action} wants a kind: ${AlertKind.options.join(", ")}`);
  return kind;
}

function wants(message: string): DevlatchError {
  return new DevlatchError("INVALID_INPUT", `alerts ${message}.`, "See the alerts with: devlatch alerts");
}
