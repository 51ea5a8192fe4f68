import { formatMs } from "../../shared/base/deadline.ts";
import { type SessionPlace, sessionKey } from "../../shared/model/keys.ts";
import { isSameProcess } from "../../shared/model/process.ts";
import type { Caller } from "./callers.ts";

/** How long starts and stops are remembered, in milliseconds. */
const rememberedMs = 2 * 60_000;
/** How often the server has to change hands until two callers are said to fight over it. */
const changesOfHand = 3;

interface Turn {
  readonly caller: Caller;
  readonly at: number;
}

/** Two callers that undo what the other did, again and again. */
export interface Fight {
  /** For the caller who has just done it. */
  readonly notice: string;
  /** For the session's thread. */
  readonly event: string;
}

/**
 * Notices callers that keep stopping each other's server. Each turn is whatever one caller did before another did
 * something; reuse is no turn. In memory only: who fights, does so now.
 */
export class Fights {
  readonly #now: () => number;
  readonly #turns = new Map<string, readonly Turn[]>();

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What it would mean if the caller started or stopped the server now. */
  foresee(place: SessionPlace, caller: Caller): Fight | undefined {
    return fightIn(place, this.#with(place, caller));
  }

  /** Notes that the caller started or stopped the server. */
  add(place: SessionPlace, caller: Caller): Fight | undefined {
    this.#forgetOld();
    const turns = this.#with(place, caller);
    this.#turns.set(sessionKey(place), turns);
    return fightIn(place, turns);
  }

  #with(place: SessionPlace, caller: Caller): readonly Turn[] {
    const turns = this.#recent(this.#turns.get(sessionKey(place)) ?? []);
    const same = isSameProcess(caller, turns.at(-1)?.caller);
    return [...(same ? turns.slice(0, -1) : turns), { caller, at: this.#now() }].slice(-changesOfHand - 1);
  }

  #recent(turns: readonly Turn[]): readonly Turn[] {
    return turns.filter(({ at }) => this.#now() - at < rememberedMs);
  }

  #forgetOld(): void {
    for (const [key, turns] of this.#turns) {
      if (this.#recent(turns).length === 0) this.#turns.delete(key);
    }
  }
}

function fightIn({ app }: SessionPlace, turns: readonly Turn[]): Fight | undefined {
  const [first, second] = turns;
  const now = turns.at(-1);
  if (!first || !second || !now || turns.length <= changesOfHand) return undefined;
  const inTurn = turns.every(({ caller }, index) =>
    isSameProcess(caller, (index % 2 ? second : first).caller),
  );
  if (!inTurn) return undefined;
  const other = isSameProcess(first.caller, now.caller) ? second : first;
  const what = `have been starting and stopping ${app} against each other for ${formatMs(now.at - first.at)}`;
  return {
    notice: `You and ${other.caller.label} ${what}. Agree on who stops it; whoever only needs it can start it without harm: what runs is reused.`,
    event: `${now.caller.label} and ${other.caller.label} ${what}`,
  };
}
