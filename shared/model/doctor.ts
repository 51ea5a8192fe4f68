import * as z from "zod";

/** One thing the doctor looked at. */
export const Finding = z.object({
  /** Stable name of the check, for programs. */
  check: z.string(),
  /** `problem`: Devlatch doesn't work as it should. `warning`: it does, but this deserves a look. */
  level: z.enum(["ok", "info", "warning", "problem"]),
  summary: z.string(),
  /** What to do; absent where nothing has to be done. */
  remedy: z.string().optional(),
  /** Present where the doctor can do it, with consent. */
  fix: z
    .object({
      /** Names this very finding: another thing of the same kind has another one. */
      id: z.string(),
      /** What would be done, in words: "End them". */
      action: z.string(),
    })
    .optional(),
});
export type Finding = z.infer<typeof Finding>;

/** `gone`: it wasn't there any more, and nothing was done. */
export const FixOutcome = z.enum(["fixed", "gone"]);
export type FixOutcome = z.infer<typeof FixOutcome>;
