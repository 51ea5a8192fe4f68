import * as z from "zod";
import { AppName, Port } from "./app.ts";
import { nothingWrong } from "./no-alerts.ts";
import { SandboxId } from "./sandbox.ts";

/** What an alert is about; each kind can be turned off. */
export const AlertKind = z.enum(["server", "lock", "health"]);
export type AlertKind = z.infer<typeof AlertKind>;

export const AlertSeverity = z.enum(["warning", "critical"]);
export type AlertSeverity = z.infer<typeof AlertSeverity>;

const ofServer = { app: AppName, cwd: z.string() };

/** Something that helps, for clients to offer. */
export const AlertAction = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("show-output"), ...ofServer }),
  z.object({ kind: z.literal("restart"), ...ofServer }),
  z.object({ kind: z.literal("stop"), ...ofServer }),
  /** Nothing is done: it may come right by itself. */
  z.object({ kind: z.literal("wait") }),
  z.object({ kind: z.literal("free-port"), port: Port }),
  z.object({ kind: z.literal("break-lock"), key: z.string() }),
  z.object({ kind: z.literal("show-locks") }),
  z.object({ kind: z.literal("show-health") }),
  z.object({ kind: z.literal("open-settings") }),
]);
export type AlertAction = z.infer<typeof AlertAction>;

/** Something that is wrong now. */
export const AlertProblem = z.object({
  /** The same as long as it is the same problem, also after it was gone for a while. */
  id: z.string(),
  kind: AlertKind,
  severity: AlertSeverity,
  /** A few words, without a full stop. */
  title: z.string(),
  message: z.string(),
  /** The way out. */
  remedy: z.string(),
  /** The most helpful first. */
  actions: z.array(AlertAction),
  /** The sandboxes that it is about; absent where it is about the machine. */
  sandboxIds: z.array(SandboxId).optional(),
  /** Key of the session that it is about, if it is about one: its row says the same. */
  session: z.string().optional(),
  /** Id of what the monitor of locks says, if that is what it is about. */
  lockAlert: z.string().optional(),
});
export type AlertProblem = z.infer<typeof AlertProblem>;

/** A problem as clients see it. One problem is one alert; it goes when its cause is gone. */
export const Alert = AlertProblem.extend({
  /** Since when it stands, in milliseconds since the epoch. */
  since: z.number(),
  /** Whether a user should be told now: none was, and it isn't snoozed, turned off or just back again. */
  notify: z.boolean(),
  /** Milliseconds since the epoch. */
  snoozedUntil: z.number().optional(),
});
export type Alert = z.infer<typeof Alert>;

/** Everything that is wrong now, and what the user wants to hear of it. */
export const AlertBoard = z.object({
  /** The worst first, then the oldest. */
  alerts: z.array(Alert),
  /** Kinds that are turned off. */
  muted: z.array(AlertKind),
  /** No alert is told meanwhile. */
  pause: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("none") }),
    /** Milliseconds since the epoch. */
    z.object({ kind: z.literal("until"), time: z.number() }),
    /** Until the client that asked for it has gone. */
    z.object({ kind: z.literal("while-connected") }),
  ]),
});
export type AlertBoard = z.infer<typeof AlertBoard>;

/** Before anything was seen. */
export const noAlerts: AlertBoard = nothingWrong;
