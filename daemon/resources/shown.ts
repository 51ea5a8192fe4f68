import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter, type Event } from "../../shared/base/emitter.ts";
import type { Resources } from "../../shared/model/resources.ts";
import type { TreeSample } from "./tree-source.ts";

/** Differences that a reader would see: percent of a core, bytes. */
const visiblePercent = 5;
const visibleBytes = 1024 * 1024;
/** Smaller ones are shown this late, in milliseconds. */
const settledMs = 60_000;

/** Where the samples come from. */
interface SampleSource {
  readonly onSampled: Event<readonly TreeSample[]>;
  /** Undefined once the session's launch is over. */
  latest(key: string): Resources | undefined;
}

/** What clients are shown of the samples: a server that idles sends no messages. */
export class ShownResources implements Disposable {
  readonly #source: SampleSource;
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new Emitter<string>());
  readonly #shown = new Map<string, TreeSample>();

  constructor(source: SampleSource) {
    this.#source = source;
    this.#scope.add(source.onSampled((samples) => this.#take(samples)));
  }

  /** Fires with the key of a session whose figures look different now. */
  readonly onChanged = this.#changed.event;

  /** @param launchId of the launch that runs: figures of an earlier one are none of it */
  of(key: string, launchId: string | undefined): Resources | undefined {
    const shown = this.#shown.get(key);
    const isOver = this.#source.latest(key) === undefined;
    if (isOver || shown === undefined || shown.launchId !== launchId) return undefined;
    const { time, cpuPercent, memoryBytes, processes } = shown;
    return { time, cpuPercent, memoryBytes, processes };
  }

  #take(samples: readonly TreeSample[]): void {
    for (const key of this.#shown.keys()) {
      if (this.#source.latest(key) === undefined) this.#shown.delete(key);
    }
    for (const sample of samples) {
      const shown = this.#shown.get(sample.key);
      if (shown && shown.launchId === sample.launchId && !looksDifferent(shown, sample)) continue;
      this.#shown.set(sample.key, sample);
      this.#changed.fire(sample.key);
    }
  }

  dispose(): void {
    this.#scope.dispose();
  }
}

function looksDifferent(shown: Resources, now: Resources): boolean {
  const percent = Math.abs(now.cpuPercent - shown.cpuPercent);
  const bytes = Math.abs(now.memoryBytes - shown.memoryBytes);
  if (now.processes !== shown.processes || percent > visiblePercent || bytes > visibleBytes) return true;
  return now.time - shown.time >= settledMs && (percent > 0 || bytes > 0);
}
