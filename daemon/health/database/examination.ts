import * as z from "zod";

/** What the program that looks at databases is asked, as JSON in its first argument. */
export const ExaminationRequest = z.object({
  files: z.array(
    z.object({
      file: z.string(),
      /** Read every page too, and compare. */
      thorough: z.boolean(),
    }),
  ),
  /** A file to be written and removed again beside them. */
  scratchFile: z.string(),
});
export type ExaminationRequest = z.infer<typeof ExaminationRequest>;

const Failure = z.object({
  /** Primary result code of SQLite (https://sqlite.org/rescode.html); 0 where it wasn't SQLite that failed. */
  code: z.int(),
  message: z.string(),
});
export type Failure = z.infer<typeof Failure>;

/** What it found of one file. */
export const FileExamination = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("missing"), file: z.string() }),
  z.object({
    kind: z.literal("sound"),
    file: z.string(),
    /** A write and a read, in milliseconds. */
    roundTripMs: z.number(),
    /** Reading every page, in milliseconds; absent where it wasn't asked for. */
    thoroughMs: z.number().optional(),
  }),
  z.object({ kind: z.literal("failed"), file: z.string(), failure: Failure }),
]);
export type FileExamination = z.infer<typeof FileExamination>;

/** What it prints. */
export const ExaminationResult = z.object({
  files: z.array(FileExamination),
  /** Why nothing can be written beside the files, e.g. `ENOSPC`; absent where something can. */
  scratchError: z.string().optional(),
});
export type ExaminationResult = z.infer<typeof ExaminationResult>;
