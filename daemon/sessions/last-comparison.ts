import type { SessionRecord, SessionState } from "../../shared/model/session.ts";

/** How long a comparison stands at most, in milliseconds: a process that ends may leave its socket to a child. */
const standsForMs = 10_000;

/**
 * What was in order when all ready servers were last compared with their records. As long as no socket of the machine
 * that listens is another one there is nothing to see at any of them: a process that ends closes its own.
 */
export class LastComparison {
  #found:
    | { readonly states: readonly SessionState[]; readonly sockets: string; readonly at: number }
    | undefined;

  /**
   * @param sockets all that listen, as they are now; undefined where the system doesn't tell
   * @param now monotonic, in milliseconds
   */
  stands(records: readonly SessionRecord[], sockets: string | undefined, now: number): boolean {
    const found = this.#found;
    if (found === undefined || found.sockets !== sockets || now - found.at >= standsForMs) return false;
    return (
      records.length === found.states.length && records.every(({ state }, at) => state === found.states[at])
    );
  }

  /** All of these were as recorded. @param sockets as they were before that was looked at */
  allFit(records: readonly SessionRecord[], sockets: string | undefined, now: number): void {
    this.#found =
      sockets === undefined ? undefined : { states: records.map(({ state }) => state), sockets, at: now };
  }

  /** One of them says something: each is looked at again. */
  forget(): void {
    this.#found = undefined;
  }
}
