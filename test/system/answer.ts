/** What `start --json` prints, as far as tests look at it. */
export interface Answer {
  readonly outcome: "started" | "reused" | "adopted";
  readonly session: string;
  readonly state: string;
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly sandboxId: string;
  readonly fence: number;
  readonly elapsedMs: number;
}
