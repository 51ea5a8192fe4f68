import type { LockEvent } from "../../../shared/model/concurrency.ts";

const said = { key: "k", owner: "me", holder: "h", attempt: 1, at: 0 };
type Given = Partial<Pick<LockEvent, "key" | "owner" | "holder" | "attempt" | "at">>;

export const attempted = (given: Given = {}): LockEvent => ({ ...said, ...given, kind: "attempt" });
export const queued = (given: Given = {}): LockEvent => ({ ...said, ...given, kind: "queued" });
export const granted = (given: Given & { fence?: number; waitMs?: number } = {}): LockEvent => ({
  ...said,
  fence: 1,
  waitMs: 0,
  ...given,
  kind: "granted",
});
export const released = (given: Given & { holdMs?: number } = {}): LockEvent => ({
  ...said,
  fence: 1,
  holdMs: 0,
  ...given,
  kind: "released",
});
export const failed = (code: string, given: Given & { waitMs?: number } = {}): LockEvent => ({
  ...said,
  waitMs: 0,
  code,
  ...given,
  kind: "failed",
});
