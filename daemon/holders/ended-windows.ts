import type { Holder } from "../../shared/model/holder.ts";
import type { SessionPlace } from "../../shared/model/keys.ts";

/** How long a window may take to be reloaded, in milliseconds. */
const reloadMs = 60_000;

interface Ended {
  readonly place: SessionPlace;
  readonly label: string;
  readonly at: number;
}

/** What windows held that ended lately: one that is reloaded comes back as another process, known by its label. */
export class EndedWindows {
  #ended: readonly Ended[] = [];

  /** @param ended holders of the session that were found to have ended */
  add(place: SessionPlace, ended: readonly Holder[]): void {
    const at = performance.now();
    const windows = ended.filter(({ kind }) => kind === "window").map(({ label }) => ({ place, label, at }));
    this.#ended = [...this.#ended.filter((one) => at - one.at < reloadMs), ...windows];
  }

  /** What a window with this label held until lately; told once. */
  take(label: string): readonly SessionPlace[] {
    const since = performance.now() - reloadMs;
    const own = this.#ended.filter((one) => one.label === label && one.at > since);
    this.#ended = this.#ended.filter((one) => !own.includes(one));
    return own.map(({ place }) => place);
  }
}
