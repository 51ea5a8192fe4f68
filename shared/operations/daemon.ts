import * as z from "zod";
import { none } from "./fields.ts";
import { statusRequest } from "./look-requests.ts";
import { single, steps } from "./operation.ts";
import { palette } from "./palette.ts";

export const status = single({
  summary: "Show what runs, project by project, this one first.",
  args: none,
  options: z.object({
    long: z.boolean().optional().meta({
      short: "l",
      description: "Also CPU, memory, process and directory of each, locks, health, and the daemon",
    }),
    watch: z.boolean().optional().meta({
      short: "w",
      description:
        "One screen that renews itself, with keys; with --json one document a line for each change",
    }),
  }),
  palette: palette.status,
  ...statusRequest,
});

export const daemon = steps({
  summary: "Start, stop or show the daemon. Stopping it leaves servers running.",
  args: z.object({ action: z.enum(["start", "stop", "status"]).describe("What to do") }),
  options: none,
  palette: null,
  requests: {},
});

export const doctor = steps({
  summary: "Check the installation and what is left behind, with a remedy for each finding, and fix it.",
  args: none,
  options: z.object({
    fix: z.boolean().optional().describe("Offer to remove what is left behind, asking for each"),
    yes: z.boolean().optional().describe("With --fix: do all of it without asking"),
  }),
  palette: palette.doctor,
  requests: {},
});

export const diagnostics = steps({
  summary: "Write one redacted file to attach to a bug report; it is sent nowhere.",
  args: none,
  options: z.object({
    output: z.string().min(1).optional().describe("File to write; by default one in Devlatch's home"),
    withOutput: z
      .boolean()
      .optional()
      .describe("Also the last lines of servers' output, which may hold secrets"),
  }),
  palette: palette.diagnostics,
  requests: {},
});
