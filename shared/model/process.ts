import * as z from "zod";
import { AppName } from "./app.ts";
import { Container } from "./container.ts";
import { ProcessIdentity } from "./process-identity.ts";

export type { ProcessIdentity } from "./process-identity.ts";

/** A process as people recognise it. */
export const ProcessView = z.object({
  ...ProcessIdentity.shape,
  /** The command line, joined with spaces. */
  command: z.string(),
  cwd: z.string().optional(),
  user: z.string().optional(),
});
export type ProcessView = z.infer<typeof ProcessView>;

/** Which of Devlatch's servers a process belongs to, if any. */
const ofServer = {
  /** The session's name. */
  session: z.string().optional(),
  /** Its app, and the root of the workspace it was started in. */
  server: z.object({ app: AppName, root: z.string() }).optional(),
};

/** A process that listens on a TCP port. */
export const Listener = ProcessView.extend({
  port: z.int(),
  /** `127.0.0.1`, `0.0.0.0`, `::1`, `::` or another local address. */
  address: z.string(),
  ...ofServer,
  /** Whether the caller's own process, or one it runs below: to end it would end the caller, too. */
  carriesCaller: z.boolean().optional(),
  /** The container whose published port this is, if it is one's: then the process is only its engine's proxy. */
  container: Container.optional(),
});
export type Listener = z.infer<typeof Listener>;

/** A socket that listens on a TCP port, whose process can't be seen: another user's, or in another container. */
export const HiddenListener = z.object({
  port: z.int(),
  address: z.string(),
  /** Of whom the socket is, where the system tells. */
  user: z.string().optional(),
});
export type HiddenListener = z.infer<typeof HiddenListener>;

/** A process that is connected to a TCP port of its own machine. */
export const PortClient = ProcessView.extend({
  /** How many connections to that port it has. */
  connections: z.int().positive(),
  ...ofServer,
});
export type PortClient = z.infer<typeof PortClient>;
