import * as z from "zod";
import { Port } from "../model/app.ts";
import type { ProcessIdentity } from "../model/process.ts";
import { consentTo } from "../model/process-words.ts";
import { yes } from "./fields.ts";
import { steps, to } from "./operation.ts";
import { palette } from "./palette.ts";

interface OfPort {
  readonly port: number;
}

/** A caller that was shown processes and agreed to end exactly these. */
interface Consenting {
  readonly consent: readonly ProcessIdentity[];
}

export const port = steps({
  summary: "Show who listens on a port and who is connected to it, and free it with your consent.",
  args: z.object({ port: z.coerce.number().pipe(Port).describe("Port number") }),
  options: z.object({
    free: z.boolean().optional().describe("End the listeners, after asking"),
    yes: yes.optional(),
  }),
  palette: palette.port,
  requests: {
    inspect: to("port/inspect", ({ port }: OfPort) => ({ port })),
    free: to("port/free", ({ port }: OfPort, { consent }: Consenting) => ({
      port,
      consent: consentTo(consent),
    })),
  },
});
