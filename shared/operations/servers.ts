import * as z from "zod";
import { Port, SpokenApp } from "../model/app.ts";
import { after, none, ofApp, timeout, yes } from "./fields.ts";
import { single, steps, to } from "./operation.ts";
import { palette } from "./palette.ts";
import {
  type Launch,
  type Launcher,
  launchParams,
  restartRequest,
  startAnswerMs,
  startRequest,
  stopRequest,
  waitRequest,
} from "./server-requests.ts";

const startOptions = z.object({
  noWait: z.boolean().optional().describe("Return as soon as the process runs, before it is ready"),
  timeout: timeout.describe("Seconds to wait; a server that isn't ready by then goes on starting").optional(),
  port: z.coerce.number().pipe(Port).optional().describe("Port to use instead of the app's own"),
  onConflict: z
    .enum(["fail", "next"])
    .optional()
    .describe("When the port is taken: fail (default) or use the next free one"),
  overBudget: z
    .boolean()
    .optional()
    .describe("Start it also where servers would use more memory together than they may"),
});
const launched = ofApp.extend({
  command: z
    .array(z.string())
    .optional()
    .describe("Command to run instead of the configured or detected one"),
});
/** Who uses a server for as long as it runs itself, and which. */
type Stayer = Launcher & { readonly app: string };

export const dev = steps({
  summary:
    "Start or join an app's dev server in the foreground, made to stand in a script; the last to leave stops it.",
  args: launched.partial({ app: true }),
  options: startOptions.pick({ port: true, onConflict: true }),
  palette: null,
  requests: {
    start: to(
      "session/start",
      ({ command, port, onConflict }: Omit<Launch, "app">, { app, ...caller }: Stayer) => ({
        ...launchParams({ app, command, port, onConflict, noWait: true }, caller),
        // A script must not fail for it.
        overBudget: true,
        whileUsed: true,
      }),
      startAnswerMs,
    ),
  },
});

export const withApps = steps({
  summary: "Run a command while dev servers are up; those that this started are stopped after it.",
  args: z.object({
    apps: z.array(SpokenApp).min(1).describe("Apps that must be ready before the command runs"),
    command: z.array(z.string()).min(1).optional().describe("Command to run, without a shell"),
  }),
  options: startOptions.pick({ timeout: true, onConflict: true }),
  palette: null,
  requests: {
    start: to(
      "session/start",
      ({ timeout, onConflict }: Pick<Launch, "timeout" | "onConflict">, { app, ...caller }: Stayer) => ({
        ...launchParams({ app, timeout, onConflict }, caller),
        overBudget: true,
        whileUsed: true,
      }),
      startAnswerMs,
    ),
  },
});

export const start = single({
  summary: "Start an app's dev server, or reuse the one that runs, and wait until it is ready.",
  args: launched,
  apps: "several",
  options: startOptions,
  palette: palette.start,
  ...startRequest,
});

const stopOptions = z.object({ yes: yes.optional(), timeout: timeout.optional() });
export const stop = single({
  summary: "Stop an app's dev server with its whole process tree and free its port.",
  args: ofApp,
  apps: "several",
  options: stopOptions,
  palette: palette.stop,
  ...stopRequest,
});

const restartOptions = startOptions.extend({
  yes: yes.optional(),
  dependents: z.boolean().optional().describe("Restart what runs and depends on it, too"),
});
export const restart = single({
  summary: "Stop an app's dev server if it runs, then start it.",
  args: launched,
  apps: "several",
  options: restartOptions,
  palette: palette.restart,
  ...restartRequest,
});

const waitOptions = z.object({
  visit: z
    .string()
    .startsWith("/")
    .optional()
    .describe("Path to ask the server for first: most frameworks compile a page when it is asked for"),
  since: after
    .optional()
    .describe("Only a build told of after this message counts: the seq of an earlier answer"),
  grace: z.coerce
    .number()
    .nonnegative()
    .max(60)
    .optional()
    .describe("Seconds that build may take to begin, before what was built counts (2)"),
  timeout: z.coerce.number().positive().max(600).optional().describe("Seconds to wait before giving up (60)"),
});
export const wait = single({
  summary:
    "Wait until an app's dev server has built what was changed last, and list the errors if it could not.",
  args: ofApp,
  apps: "several",
  options: waitOptions,
  palette: palette.wait,
  ...waitRequest,
});

export const open = steps({
  summary: "Open an app's page in the browser; its server is started if it doesn't run.",
  args: ofApp,
  apps: "one",
  options: startOptions.pick({ timeout: true, onConflict: true }),
  palette: null,
  requests: {},
});

export const attach = steps({
  summary: "Show an app's dev server in this terminal and type to it; Ctrl-] detaches and leaves it running.",
  args: ofApp,
  apps: "one",
  options: none,
  palette: null,
  requests: {},
});
