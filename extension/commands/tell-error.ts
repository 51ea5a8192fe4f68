import { toErrorShape } from "../../shared/base/errors.ts";
import type { Services } from "./services.ts";

/** Tells the user about an error, as a command does. What that takes is loaded with the first one. */
export async function tellError(error: unknown, services: Pick<Services, "settings">): Promise<void> {
  const { report } = await import("./report.ts");
  report(toErrorShape(error), services);
}
