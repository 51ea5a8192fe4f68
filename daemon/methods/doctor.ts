import type { Log } from "../../shared/base/log.ts";
import type { Doctor } from "../doctor/doctor.ts";
import type { Handlers } from "./handlers.ts";

export function doctorMethods(doctor: Doctor, log: Log): Pick<Handlers, "doctor/examine" | "doctor/fix"> {
  return {
    "doctor/examine": async (_params, { signal }) => ({ findings: [...(await doctor.examine(signal))] }),

    "doctor/fix": async ({ id }, { signal, client }) => {
      const outcome = await doctor.fix(id, signal);
      log.info({ id, outcome, by: client.name }, "the doctor was asked to fix something");
      return { outcome };
    },
  };
}
