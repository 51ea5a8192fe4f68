import { DevlatchError } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import type { HolderView } from "../../shared/model/holder.ts";
import { type SessionPlace, sessionKey } from "../../shared/model/keys.ts";
import type { ProcessView } from "../../shared/model/process.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import { isActive, isLive } from "../../shared/model/session-state.ts";
import type { Cleanups } from "../cleanup/cleanups.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { Caller } from "../holders/callers.ts";
import type { Contested, Fight, Fights } from "../holders/fights.ts";
import type { Holders } from "../holders/holders.ts";
import type { Processes } from "../processes/processes.ts";
import { byHandInWords } from "../sessions/errors.ts";
import type { SessionRegistry } from "../sessions/registry.ts";
import { watchersOf } from "../sessions/watchers.ts";

/**
 * A server that ended by itself this long ago has no holders any more, in milliseconds: no restart is to be waited for.
 */
const forgottenAfterMs = 60_000;

/** What holding servers needs of the rest. */
export interface HoldingDependencies {
  readonly holders: Holders;
  readonly fights: Fights;
  readonly registry: Pick<SessionRegistry, "peek">;
  readonly processes: Pick<Processes, "describe" | "list">;
  readonly workspace: Pick<Workspace, "startsAgain">;
  readonly cleanups: Pick<Cleanups, "list" | "owe" | "settle">;
  readonly log: Log;
}

/** Who uses servers: callers begin to hold them, are asked before others end them, and are told when they fight. */
export class Holding {
  readonly #parts: HoldingDependencies;

  constructor(parts: HoldingDependencies) {
    this.#parts = parts;
  }

  /** Notes that the caller uses a session that runs. Never rejects: to look at a server is more than to be noted. */
  async note(place: SessionPlace, caller: Caller | undefined): Promise<void> {
    const record = this.#recordOf(place);
    if (caller && record && isLive(record.state)) await this.#join(place, caller);
  }

  /** A window that connects may be one that was reloaded. Never rejects. */
  async welcomeBack(caller: Caller | undefined): Promise<void> {
    if (caller) await this.#quietly(caller.label, () => this.#parts.holders.comeBack(caller));
  }

  /**
   * Starts a session for a caller, who holds it from the moment it is asked for: a server that is waited for isn't
   * ended unasked. A start that fails is as if it had never been asked for.
   */
  async whileStarting<T>(
    place: SessionPlace,
    caller: Caller | undefined,
    start: () => Promise<T>,
  ): Promise<T> {
    if (!caller) return start();
    await this.#forgetEnded(place);
    const isNew = await this.#join(place, caller);
    try {
      const result = await start();
      // Once more: a stop that went before it has made all holders forgotten.
      await this.#join(place, caller);
      return result;
    } catch (error) {
      if (isNew) await this.#quietly(place.app, () => this.#parts.holders.leave(place, caller));
      throw error;
    }
  }

  /**
   * Makes sure that only the caller uses a session that is about to be stopped.
   * @param verb what the caller does, as the command line has it
   * @throws DevlatchError `CONSENT_REQUIRED`, with the names of the others; `STORE_UNAVAILABLE`
   */
  async requireUnheld(
    place: SessionPlace,
    caller: Caller | undefined,
    verb: "stop" | "restart",
  ): Promise<void> {
    const record = this.#recordOf(place);
    // One that is about to be restarted is in use, too.
    if (!record || !isActive(record.state)) return;
    const others = await this.#parts.holders.others(place, caller);
    if (others.length === 0) return;
    const { state, hosting } = record;
    // Consent is given to what is shown, so a process that was started by hand is shown too.
    const byHand = hosting?.kind === "adopted" && state.kind === "ready";
    throw usedByOthers(
      record,
      others,
      verb,
      byHand && {
        process: await this.#parts.processes.describe(state),
        watchers: await watchersOf(state, this.#parts),
      },
    );
  }

  /** A session that was stopped has no holders. Never rejects: where that can't be written down now, it is later. */
  async forget({ sandboxId, app }: SessionPlace): Promise<void> {
    const { holders, cleanups } = this.#parts;
    const task = { kind: "forget-holders", sandboxId, app } as const;
    try {
      await holders.forget({ sandboxId, app });
      cleanups.settle(task);
    } catch (error) {
      cleanups.owe({ what: "forget who used", thing: `${app} in ${sandboxId}`, task }, error);
    }
  }

  /** What it would mean if the caller started or stopped the server, or took the port, now. */
  foresee(what: Contested, caller: Caller | undefined): Fight | undefined {
    return caller && this.#parts.fights.foresee(what, caller);
  }

  /** Notes that the caller started or stopped the server, or took the port. */
  tookTurn(what: Contested, caller: Caller | undefined): Fight | undefined {
    return caller && this.#parts.fights.add(what, caller);
  }

  /**
   * The caller who starts it is the first: holders of a server that ended long ago, or are to be forgotten, aren't
   * asked.
   */
  async #forgetEnded(place: SessionPlace): Promise<void> {
    const state = this.#recordOf(place)?.state;
    if (!state || isActive(state)) return;
    const isOwed = this.#parts.cleanups
      .list()
      .some(({ task }) => task.kind === "forget-holders" && isAt(task, place));
    if (isOwed || Date.now() - state.since > forgottenAfterMs) await this.forget(place);
  }

  async #join(place: SessionPlace, caller: Caller): Promise<boolean> {
    let isNew = false;
    await this.#quietly(place.app, async () => {
      isNew = await this.#parts.holders.join(place, caller);
    });
    return isNew;
  }

  /** Who holds a session is no reason to fail what was asked for. */
  async #quietly(whose: string, work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) =>
      this.#parts.log.warn({ err: error, whose }, "holders could not be written down"),
    );
  }

  #recordOf({ sandboxId, app }: SessionPlace): SessionRecord | undefined {
    return this.#parts.registry.peek(sessionKey({ sandboxId, app }));
  }
}

function isAt(one: SessionPlace, place: SessionPlace): boolean {
  return one.sandboxId === place.sandboxId && one.app === place.app;
}

function usedByOthers(
  { session, app }: SessionRecord,
  holders: readonly HolderView[],
  verb: "stop" | "restart",
  byHand: false | { readonly process: ProcessView; readonly watchers: readonly ProcessView[] },
): DevlatchError {
  const names = holders.map(({ label }) => label);
  const started = byHand
    ? ` It was started by hand, not by Devlatch: ${byHandInWords(byHand.process, byHand.watchers)}.`
    : "";
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `${spokenSession(session)} is also used by ${inWords(names)}.${started}`,
    `To ${verb} it all the same: devlatch ${verb} ${app} --yes`,
    { data: { holders, ...byHand } },
  );
}

function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join("; ")} and ${names.at(-1)}`;
}
