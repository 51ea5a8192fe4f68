import * as z from "zod";
import { AppName, Port } from "../model/app.ts";
import { JournalKind } from "../model/journal.ts";
import { RunKey } from "../model/run.ts";
import { MessageKind } from "../model/thread.ts";
import { operation } from "./operation.ts";

const none = z.object({});
const duration = z
  .string()
  .regex(/^\d{1,6}(\.\d+)?[smhd]$/, "is a number and s, m, h or d: 90s, 30m, 2h or 1d");
/** How a moment may be written; see `momentOf` of the command line. */
const moments = "10m (ago), 14:30 or 2026-03-01T14:30";
const ofApp = z.object({ app: AppName });
const timeout = z.coerce.number().positive().max(1800).describe("Seconds to wait before giving up");
const yes = z
  .boolean()
  .describe("Consent: do it without asking, also to what others use or Devlatch did not start");

const startOptions = z.object({
  noWait: z.boolean().optional().describe("Return as soon as the process runs, before it is ready"),
  timeout: timeout.optional(),
  port: z.coerce.number().pipe(Port).optional().describe("Port to use instead of the app's own"),
  onConflict: z
    .enum(["fail", "next"])
    .optional()
    .describe("When the port is taken: fail (default) or use the next free one"),
});
const command = z
  .array(z.string())
  .optional()
  .describe("Command to run instead of the configured or detected one");

/** Every operation, by its name on the command line. */
export const operations = {
  start: operation({
    title: "Start Server",
    summary: "Start an app's dev server, or reuse the one that runs, and wait until it is ready.",
    args: ofApp.extend({ command }),
    options: startOptions,
    palette: { id: "devlatch.start", title: "Start Server", icon: "play" },
    tool: "devlatch_ensure",
  }),
  stop: operation({
    title: "Stop Server",
    summary: "Stop an app's dev server with its whole process tree and free its port.",
    args: ofApp,
    options: z.object({ yes: yes.optional(), timeout: timeout.optional() }),
    palette: { id: "devlatch.stop", title: "Stop Server", icon: "debug-stop" },
    tool: "devlatch_stop",
  }),
  restart: operation({
    title: "Restart Server",
    summary: "Stop an app's dev server if it runs, then start it.",
    args: ofApp.extend({ command }),
    options: startOptions.extend({ yes: yes.optional() }),
    palette: { id: "devlatch.restart", title: "Restart Server", icon: "debug-restart" },
    tool: "devlatch_restart",
  }),
  status: operation({
    title: "Show Status",
    summary: "Show the daemon, all sessions, locks and health.",
    args: none,
    options: none,
    palette: { id: "devlatch.status", title: "Show Status", icon: "info" },
    tool: "devlatch_status",
  }),
  logs: operation({
    title: "Show Output",
    summary: "Show what an app's dev server wrote, page by page or as it comes.",
    args: ofApp,
    options: z.object({
      cursor: z.coerce
        .number()
        .int()
        .nonnegative()
        .optional()
        .describe("Only messages after this sequence (0: from the oldest kept)"),
      before: z.coerce.number().int().positive().optional().describe("Only messages before this sequence"),
      limit: z.coerce.number().int().min(1).max(5000).optional().describe("At most this many messages"),
      follow: z.boolean().optional().describe("Go on as new messages come, until interrupted"),
      grep: z.string().optional().describe("Only messages that match this regular expression"),
      search: z.string().optional().describe("Only messages with all these words (word* for a beginning)"),
      kind: MessageKind.optional().describe("Only what the server wrote, or only what Devlatch did"),
      since: z.string().optional().describe(`Only from then on: ${moments}`),
      until: z.string().optional().describe("Only up to then"),
    }),
    palette: { id: "devlatch.logs", title: "Show Output", icon: "output" },
    tool: "devlatch_logs",
  }),
  wait: operation({
    title: "Wait for Clean Build",
    summary:
      "Wait until an app's dev server has built what was changed last, and list the errors if it could not.",
    args: ofApp,
    options: z.object({
      visit: z
        .string()
        .startsWith("/")
        .optional()
        .describe("Path to ask the server for first: most frameworks compile a page when it is asked for"),
      since: z.coerce
        .number()
        .int()
        .nonnegative()
        .optional()
        .describe("Only a build told of after this message counts: the seq of an earlier answer"),
      grace: z.coerce
        .number()
        .nonnegative()
        .max(60)
        .optional()
        .describe("Seconds that build may take to begin, before what was built counts (2)"),
      timeout: z.coerce
        .number()
        .positive()
        .max(600)
        .optional()
        .describe("Seconds to wait before giving up (60)"),
    }),
    palette: { id: "devlatch.wait", title: "Wait for Clean Build", icon: "checklist" },
    tool: "devlatch_wait",
  }),
  journal: operation({
    title: "Show Journal",
    summary:
      "Show what happened on this machine: servers, runs, locks, sandboxes, the daemon, and every signal sent.",
    args: none,
    options: z.object({
      cursor: z.coerce
        .number()
        .int()
        .nonnegative()
        .optional()
        .describe("Only entries after this sequence (0: from the oldest kept)"),
      before: z.coerce
        .number()
        .int()
        .positive()
        .optional()
        .describe("Only entries before this sequence, the last of them"),
      limit: z.coerce.number().int().min(1).max(5000).optional().describe("At most this many entries"),
      since: z.string().optional().describe(`Only from then on: ${moments}`),
      until: z.string().optional().describe("Only up to then"),
      kind: JournalKind.optional().describe("Only entries of this kind"),
      follow: z.boolean().optional().describe("Go on as new entries come, until interrupted"),
    }),
  }),
  attach: operation({
    title: "Attach Terminal",
    summary:
      "Show an app's dev server in this terminal and type to it; Ctrl-] detaches and leaves it running.",
    args: ofApp,
    options: none,
  }),
  locks: operation({
    title: "Show Locks",
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
    palette: { id: "devlatch.locks", title: "Show Locks", icon: "lock" },
  }),
  metrics: operation({
    title: "Show Lock Metrics",
    summary: "Print what the daemon counted about locks, in Prometheus' text format.",
    args: none,
    options: none,
  }),
  health: operation({
    title: "Check Health",
    summary: "Check store, database, concurrency, resources and servers now, or show how they were.",
    args: none,
    options: z.object({
      history: z.boolean().optional().describe("Show how they were instead of checking now"),
      since: z.string().optional().describe(`history: from then on, ${moments} (a day ago unless told)`),
    }),
    palette: { id: "devlatch.health", title: "Check Health", icon: "pulse" },
    tool: "devlatch_health",
  }),
  alerts: operation({
    title: "Show Alerts",
    summary: "Show what is wrong now and what to do; silence one for a while, or a kind of them.",
    args: z.object({
      action: z
        .enum(["list", "snooze", "mute", "unmute"])
        .optional()
        .describe("What to do; list unless told"),
      target: z
        .string()
        .min(1)
        .optional()
        .describe("snooze: the alert's id, or its beginning; mute, unmute: server, lock or health"),
    }),
    options: z.object({ for: duration.optional().describe("snooze: for how long; 1h unless told") }),
  }),
  port: operation({
    title: "Who Uses a Port",
    summary: "Show who listens on a port and who is connected to it, and free it with your consent.",
    args: z.object({ port: z.coerce.number().pipe(Port).describe("Port number") }),
    options: z.object({
      free: z.boolean().optional().describe("End the listeners, after asking"),
      yes: yes.optional(),
    }),
    palette: { id: "devlatch.port", title: "Who Uses a Port…", icon: "plug" },
  }),
  run: operation({
    title: "Run Exclusively",
    summary:
      "Run a command at most once at a time per key: later callers attach to its output and get its exit code.",
    args: z.object({
      key: RunKey,
      command: z.array(z.string()).optional().describe("Command to run, without a shell"),
    }),
    options: z.object({
      once: z
        .boolean()
        .optional()
        .describe("Replay the last result of the same command, directory and --env instead of running again"),
      ttl: z.coerce
        .number()
        .positive()
        .max(31_536_000)
        .optional()
        .describe("How old a replayed result may be, in seconds; an hour unless told"),
      env: z
        .array(z.string())
        .optional()
        .describe("NAME=VALUE for the command; part of what --once compares. May be repeated"),
      stop: z.boolean().optional().describe("Stop the run of this key with everything it started"),
    }),
  }),
  detect: operation({
    title: "Detect Command",
    summary: "Say whether a command line is a dev server, and which.",
    args: z.object({ command: z.array(z.string()).min(1).describe("Command line to look at") }),
    options: none,
  }),
  sandbox: operation({
    title: "Sandbox",
    summary: "Claim, renew, release or list sandboxes: worktrees of this repository with ports of their own.",
    args: z.object({
      action: z.enum(["claim", "renew", "release", "list"]).describe("What to do"),
      sandbox: z.string().optional().describe("Id or path; by default the one this directory is in"),
    }),
    options: z.object({
      wait: z.coerce
        .number()
        .nonnegative()
        .max(1800)
        .optional()
        .describe("claim: seconds to wait where all are taken; otherwise it fails at once"),
      name: z.string().min(1).max(100).optional().describe("claim: who claims, as others see it"),
      lease: z.coerce
        .number()
        .min(1)
        .max(604_800)
        .optional()
        .describe("claim, renew: seconds until the sandbox may be taken back unless renewed (1800)"),
      ref: z
        .string()
        .min(1)
        .optional()
        .describe("claim: what to check out instead of this checkout's commit"),
      hold: z.boolean().optional().describe("claim: stay and renew the lease until interrupted"),
      token: z.string().min(1).optional().describe("renew, release: the token that claim printed"),
      discard: z
        .boolean()
        .optional()
        .describe("release: also with uncommitted changes; they are kept on a branch devlatch/rescued-…"),
    }),
    tool: "devlatch_sandbox",
  }),
  env: operation({
    title: "Show Port Variables",
    summary: "Print PORT and DEVLATCH_PORT_<APP> of this directory's sandbox, for eval in a shell.",
    args: none,
    options: z.object({ app: AppName.optional().describe("The app that PORT is for; by default web") }),
  }),
  daemon: operation({
    title: "Daemon",
    summary: "Start, stop or show the daemon. Stopping it leaves servers running.",
    args: z.object({ action: z.enum(["start", "stop", "status"]).describe("What to do") }),
    options: none,
  }),
  doctor: operation({
    title: "Run Doctor",
    summary: "Check the installation and what is left behind, with a remedy for each finding, and fix it.",
    args: none,
    options: z.object({
      fix: z.boolean().optional().describe("Offer to remove what is left behind, asking for each"),
      yes: z.boolean().optional().describe("With --fix: do all of it without asking"),
    }),
    palette: { id: "devlatch.doctor", title: "Run Doctor", icon: "heart" },
  }),
  diagnostics: operation({
    title: "Collect Diagnostics",
    summary: "Write one redacted file to attach to a bug report; it is sent nowhere.",
    args: none,
    options: z.object({
      output: z.string().min(1).optional().describe("File to write; by default one in Devlatch's home"),
      withOutput: z
        .boolean()
        .optional()
        .describe("Also the last lines of servers' output, which may hold secrets"),
    }),
    palette: { id: "devlatch.diagnostics", title: "Collect Diagnostics", icon: "archive" },
  }),
} as const;

export type OperationName = keyof typeof operations;
/** What a caller of the operation gives: its arguments and options after checking. */
export type OperationInput<N extends OperationName> = z.output<(typeof operations)[N]["args"]> &
  z.output<(typeof operations)[N]["options"]>;
