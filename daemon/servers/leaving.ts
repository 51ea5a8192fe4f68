import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import { type SessionPlace, sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { LeaveResult, UnusedEnd } from "../../shared/protocol/usage.ts";
import type { Caller } from "../holders/callers.ts";
import type { Holders } from "../holders/holders.ts";
import type { SessionService } from "../sessions/service.ts";
import type { Holding } from "./holding.ts";

/** What leaving servers needs of the rest. */
export interface LeavingDependencies {
  readonly holders: Pick<Holders, "leave" | "isHeld" | "of">;
  readonly holding: Pick<Holding, "forget">;
  readonly sessions: Pick<SessionService, "stopUnasked" | "launchHere"> & {
    readonly registry: Pick<SessionService["registry"], "peek">;
  };
}

/** How a user leaves: which server ends that no other user has, and until when that may be done. */
export interface Departure {
  readonly caller: Caller | undefined;
  readonly stop: UnusedEnd;
  readonly signal: AbortSignal;
}

/** Users leave servers, and the last one takes the server along if that is what was meant. */
export class Leaving {
  readonly #parts: LeavingDependencies;

  constructor(parts: LeavingDependencies) {
    this.#parts = parts;
  }

  /**
   * The caller uses the server no more. What `stop` says is ended unless others use it, it was started by hand, or another
   * machine has it.
   * @throws DevlatchError `STORE_UNAVAILABLE`, `RECORD_CONFLICT`; as `SessionService.stop`
   */
  async leave(place: SessionPlace, { caller, stop, signal }: Departure): Promise<LeaveResult> {
    const { holders } = this.#parts;
    if (caller) await holders.leave(place, caller);
    const record = this.#record(place);
    if (!record || !isActive(record.state)) return { outcome: "not_running", byHand: false, others: [] };
    const byHand = record.hosting?.kind === "adopted";
    const isMeant = stop === "any" || (stop === "whileUsed" && record.asked?.whileUsed === true);
    const isOurs = record.hosting === undefined || this.#parts.sessions.launchHere(record) !== undefined;
    const mayEnd = isMeant && isOurs && !(await holders.isHeld(place));
    const stopped = mayEnd && (await this.#end(record, caller, signal));
    if (stopped) return { outcome: "stopped", byHand, others: [] };
    return { outcome: "left", byHand, others: [...holders.of(place)] };
  }

  /** @returns false where it is used again */
  async #end(record: SessionRecord, caller: Caller | undefined, signal: AbortSignal): Promise<boolean> {
    const { holders, holding, sessions } = this.#parts;
    const check = async () => {
      if (await holders.isHeld(record)) throw usedAgain(record);
    };
    const reason = `stopped: ${caller?.label ?? "its user"} left, and no one else used it`;
    try {
      await sessions.stopUnasked(record, { reason, check, signal });
    } catch (error) {
      if (hasCode(error, "CANCELLED") && !signal.aborted) return false;
      throw error;
    }
    await holding.forget(record);
    return true;
  }

  #record({ sandboxId, app }: SessionPlace): SessionRecord | undefined {
    return this.#parts.sessions.registry.peek(sessionKey({ sandboxId, app }));
  }
}

function usedAgain({ session }: SessionRecord): DevlatchError {
  return new DevlatchError("CANCELLED", `${spokenSession(session)} is used again.`, "Nothing to do.");
}
