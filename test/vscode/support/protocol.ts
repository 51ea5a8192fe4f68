/** Environment variable of the extension host that names the file results go to. */
export const resultsVariable = "DEVLATCH_TEST_RESULTS";

export interface CaseResult {
  readonly name: string;
  readonly durationMs: number;
  /** Message and stack; absent if the case passed. */
  readonly error?: string;
}

export interface SuiteResult {
  /** Whether every case has run. */
  readonly finished: boolean;
  /** The case under way, if not finished. */
  readonly running?: string;
  readonly cases: readonly CaseResult[];
}
