import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";

export function doctorHandlers({
  doctor,
  log,
}: Pick<Parts, "doctor" | "log">): Pick<Handlers, "doctor/examine" | "doctor/fix"> {
  return {
    "doctor/examine": async (_params, { signal }) => ({ findings: [...(await doctor.examine(signal))] }),

    "doctor/fix": async ({ id }, { signal, client }) => {
      const outcome = await doctor.fix(id, signal);
      log.info({ id, outcome, by: client.name }, "the doctor was asked to fix something");
      return { outcome };
    },
  };
}
