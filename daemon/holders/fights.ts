import { formatMs } from "../../shared/base/deadline.ts";
import { isSameParty } from "../../shared/model/holder.ts";
import { type SessionPlace, sessionKey } from "../../shared/model/keys.ts";
import type { Caller } from "./callers.ts";

/** How long starts and stops are remembered, in milliseconds. */
const rememberedMs = 2 * 60_000;
/** How often it has to change hands until two callers are said to fight over it. */
const changesOfHand = 3;

interface Turn {
  readonly caller: Caller;
  readonly at: number;
}

/** What two callers can take from each other: a server, or a port that servers of different checkouts want. */
export type Contested = SessionPlace | { readonly port: number };

/** Two callers that undo what the other did, again and again. */
export interface Fight {
  /** For the caller who has just done it. */
  readonly notice: string;
  /** For the session's thread. */
  readonly event: string;
}

/**
 * Notices callers that keep stopping each other's server, or taking a port from each other. Each turn is whatever one caller did before another did
 * something; reuse is no turn. In memory only: who fights, does so now.
 */
export class Fights {
  readonly #now: () => number;
  readonly #turns = new Map<string, readonly Turn[]>();

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What it would mean if the caller started or stopped the server, or took the port, now. */
  foresee(what: Contested, caller: Caller): Fight | undefined {
    return fightIn(what, this.#with(what, caller));
  }

  /** Notes that the caller started or stopped the server, or took the port. */
  add(what: Contested, caller: Caller): Fight | undefined {
    this.#forgetOld();
    const turns = this.#with(what, caller);
    this.#turns.set(keyOf(what), turns);
    return fightIn(what, turns);
  }

  #with(what: Contested, caller: Caller): readonly Turn[] {
    const turns = this.#recent(this.#turns.get(keyOf(what)) ?? []);
    const same = isSameParty(caller, turns.at(-1)?.caller);
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

function keyOf(what: Contested): string {
  return "port" in what ? `port:${what.port}` : sessionKey(what);
}

function fightIn(contested: Contested, turns: readonly Turn[]): Fight | undefined {
  const [first, second] = turns;
  const now = turns.at(-1);
  if (!first || !second || !now || turns.length <= changesOfHand) return undefined;
  const inTurn = turns.every(({ caller }, index) => isSameParty(caller, (index % 2 ? second : first).caller));
  if (!inTurn) return undefined;
  const other = isSameParty(first.caller, now.caller) ? second : first;
  const { doing, advice } = wordsOf(contested);
  const what = `have been ${doing} for ${formatMs(now.at - first.at)}`;
  return {
    notice: `You and ${other.caller.label} ${what}. ${advice}`,
    event: `${now.caller.label} and ${other.caller.label} ${what}`,
  };
}

function wordsOf(what: Contested): { readonly doing: string; readonly advice: string } {
  return "port" in what
    ? {
        doing: `taking port ${what.port} from each other`,
        advice: "Let one have another port: --port N, or --on-conflict next for the next free one.",
      }
    : {
        doing: `starting and stopping ${what.app} against each other`,
        advice:
          "Agree on who stops it; a caller that only needs it can start it without harm: what runs is reused.",
      };
}
