import { runProgram } from "../../processes/program.ts";
import { type ExaminationRequest, ExaminationResult } from "./examination.ts";

/** Longest time the program may take unless told, in milliseconds; less than the check's own deadline. */
const usualTimeoutMs = 9_000;

/** A program and its arguments, without the request. */
export interface ExaminingProgram {
  readonly file: string;
  readonly args: readonly string[];
  /** Milliseconds. */
  readonly timeoutMs?: number;
}

/** Looks at databases in a process of its own. @throws DevlatchError `INTERNAL` where that fails or takes too long */
export async function examineIn(
  { file, args, timeoutMs = usualTimeoutMs }: ExaminingProgram,
  request: ExaminationRequest,
  signal: AbortSignal,
): Promise<ExaminationResult> {
  const printed = await runProgram({ file, args: [...args, JSON.stringify(request)], timeoutMs, signal });
  return ExaminationResult.parse(JSON.parse(printed));
}
