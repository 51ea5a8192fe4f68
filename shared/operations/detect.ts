import * as z from "zod";
import { type InDirectory, none } from "./fields.ts";
import { describeRequest } from "./look-requests.ts";
import { steps, to } from "./operation.ts";

const looked = z.object({
  command: z.array(z.string()).min(1).optional().describe("Command line to look at"),
});

export const detect = steps({
  summary: "Say whether a command line is a dev server, and which; without one, what can be started here.",
  args: looked,
  options: none,
  palette: null,
  requests: {
    command: to("command/detect", ({ command = [] }: z.output<typeof looked>, { cwd }: InDirectory) => ({
      cwd,
      command,
    })),
    directory: describeRequest,
  },
});
