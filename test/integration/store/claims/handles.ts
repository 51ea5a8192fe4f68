import type { LockRequest, Store } from "../../../../daemon/store/store.ts";
import { randomToken } from "../../../../shared/base/token.ts";

/** Two handles on the same data, as two daemons have them. */
export type Handles = () => { store: Store; other: Store };

/** A request with its own token, for a key of its own unless one is given. */
export function request(key = `test:{${randomToken()}}:web`, more: Partial<LockRequest> = {}): LockRequest {
  return { key, token: randomToken(), ttlMs: 30_000, owner: "somebody", ...more };
}
