import type { Row } from "./numbers.ts";

/** Measurements that share what they need, e.g. a Redis. */
export interface Group {
  readonly name: string;
  /** Names of the measurements, in order. */
  readonly measures: readonly string[];
  /**
   * Makes those that are wanted one after the other.
   * @param effort 1 for the full table; less for a quick look
   * @param done told of each measurement's rows
   */
  run(effort: number, wanted: readonly string[], done: (rows: readonly Row[]) => void): Promise<void>;
}
