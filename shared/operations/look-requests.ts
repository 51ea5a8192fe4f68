import type { InDirectory } from "./fields.ts";
import { to } from "./operation.ts";

// Apart from what declares their arguments: building those schemas takes a short command longer than its answer.

export const statusRequest = to("daemon/status", (_: object, { cwd }: Partial<InDirectory>) => ({ cwd }));

/** What a directory's project is, and what can be started there. */
export const describeRequest = to("sandbox/describe", (_: object, { cwd }: InDirectory) => ({ cwd }));
