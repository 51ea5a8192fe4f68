import { sessionKey } from "../../../shared/model/keys.ts";
import type { Resources } from "../../../shared/model/resources.ts";
import type { SessionView } from "../../../shared/model/session.ts";

/** More than the widest screen shows of one server. */
const most = 120;

/** What servers used lately, as samples come with the snapshot. */
export class Usage {
  readonly #samples = new Map<string, readonly Resources[]>();

  /** Takes what is new in a snapshot, and forgets servers that are gone. */
  take(sessions: readonly SessionView[]): void {
    const keys = new Set(sessions.map(sessionKey));
    for (const key of this.#samples.keys()) if (!keys.has(key)) this.#samples.delete(key);
    for (const session of sessions)
      if (session.resources) this.fill(sessionKey(session), [session.resources]);
  }

  /** Adds samples of one server, in any order; one of a time that is there already is the same. */
  fill(key: string, samples: readonly Resources[]): void {
    const known = this.#samples.get(key) ?? [];
    const times = new Set(known.map(({ time }) => time));
    const all = [...known, ...samples.filter(({ time }) => !times.has(time))];
    this.#samples.set(key, all.sort((a, b) => a.time - b.time).slice(-most));
  }

  /** Oldest first. */
  of(key: string): readonly Resources[] {
    return this.#samples.get(key) ?? [];
  }
}
