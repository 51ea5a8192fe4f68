import { type Clock, systemClock } from "../../shared/base/clock.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import type { Log } from "../../shared/base/log.ts";
import { Rounds } from "../../shared/base/rounds.ts";
import type { ResourceHistory, Resources } from "../../shared/model/resources.ts";
import type { ServerUse } from "../../shared/model/server-values.ts";
import type { Processes, ProcessUsage } from "../processes/processes.ts";
import { cpuBetween, memoryOf } from "./consumption.ts";
import { History } from "./history.ts";
import { isResting, pauseMs } from "./sampling-pace.ts";
import type { LiveTree, TreeSample, TreeSource } from "./tree-source.ts";

export interface SamplerOptions {
  readonly processes: Pick<Processes, "usage">;
  readonly log: Log;
  /** Time between two looks, in milliseconds; up to four times as long while all trees rest. Default 5 s. */
  readonly everyMs?: number;
  /** How soon a tree is looked at that has no figures yet, in milliseconds. Default 1 s. */
  readonly soonMs?: number;
  readonly clock?: Clock;
}

/**
 * A look may take this share of the time: PowerShell, or a machine with thousands of processes, is asked less often.
 */
const largestShare = 1 / 20;
/** Histories kept of sessions that no longer run, the last ones. */
const keptEnded = 20;

/** The last look at a tree. */
interface Look {
  /** Monotonic, in milliseconds. */
  readonly at: number;
  readonly launchId: string | undefined;
  readonly members: readonly ProcessUsage[];
  readonly latest: Resources | undefined;
}

/**
 * Samples what the process trees of all live sessions of this machine use, together. Nothing runs while none lives.
 * CPU shows from the second look at a tree on, for it takes a difference.
 */
export class ResourceSampler implements Disposable {
  readonly #source: TreeSource;
  readonly #options: Required<SamplerOptions>;
  readonly #scope = new Scope();
  readonly #sampled = this.#scope.add(new Emitter<readonly TreeSample[]>());
  readonly #rounds: Rounds;
  /** By key of the session. */
  readonly #looks = new Map<string, Look>();
  readonly #histories = new Map<string, History>();
  /** Rounds in a row in which no tree did anything to speak of. */
  #restingRounds = 0;

  constructor(source: TreeSource, options: SamplerOptions) {
    this.#source = source;
    this.#options = { everyMs: 5_000, soonMs: 1_000, clock: systemClock, ...options };
    this.#rounds = this.#scope.add(new Rounds(() => this.#round()));
    this.#scope.add(source.onChanged(() => this.#follow()));
    this.#follow();
  }

  /** Fires once a round, with the samples of every tree there are figures of. */
  readonly onSampled = this.#sampled.event;

  /** What the running launch of a session used last; undefined where none runs, or it only just began. */
  latest(key: string): Resources | undefined {
    return this.#looks.get(key)?.latest;
  }

  /** What the running launch of a session used on average lately. @param forMs how far back, ten minutes at most */
  recent(key: string, forMs: number): ServerUse | undefined {
    if (this.latest(key) === undefined) return undefined;
    return this.#histories.get(key)?.averageFrom(this.#options.clock.epoch() - forMs);
  }

  /** What a session's processes used, also once it has ended; empty for one that was never looked at. */
  history(key: string): ResourceHistory {
    return this.#histories.get(key)?.read() ?? { samples: [], minutes: [] };
  }

  #follow(): void {
    const trees = this.#source.trees();
    this.#forget(trees);
    if (trees.every(({ key }) => this.#looks.has(key))) return;
    this.#restingRounds = 0;
    this.#rounds.within(this.#options.soonMs);
  }

  /** Drops what is known of launches that are over; of their histories the last ones stay. */
  #forget(trees: readonly LiveTree[]): void {
    const live = new Map(trees.map((tree) => [tree.key, tree]));
    for (const [key, { launchId }] of this.#looks) {
      const tree = live.get(key);
      if (tree === undefined || tree.launchId !== launchId) this.#looks.delete(key);
    }
    const ended = [...this.#histories.keys()].filter((key) => !live.has(key));
    for (const key of ended.slice(0, -keptEnded)) this.#histories.delete(key);
  }

  async #round(): Promise<void> {
    const { clock, everyMs, soonMs } = this.#options;
    const trees = this.#source.trees();
    this.#forget(trees);
    if (trees.length === 0) return;
    const beganAt = clock.monotonic();
    try {
      await this.#look(trees, beganAt);
    } catch (error) {
      this.#options.log.debug({ err: error }, "what servers use can't be looked at");
    }
    const tookMs = clock.monotonic() - beganAt;
    const isFresh = [...this.#looks.values()].some(({ latest }) => latest === undefined);
    const pause = isFresh ? soonMs : pauseMs(everyMs, this.#restingRounds);
    this.#rounds.within(Math.max(pause, tookMs / largestShare));
  }

  async #look(trees: readonly LiveTree[], at: number): Promise<void> {
    const usage = await this.#options.processes.usage(trees.map(({ root }) => root));
    if (this.#scope.disposed) return;
    const before = new Map([...this.#looks].map(([key, { latest }]) => [key, latest]));
    const samples = trees.flatMap((tree, index) => this.#sample(tree, usage[index] ?? [], at) ?? []);
    const allRest = samples.every((sample) => isResting(before.get(sample.key), sample));
    this.#restingRounds = allRest ? this.#restingRounds + 1 : 0;
    if (samples.length > 0) this.#sampled.fire(samples);
  }

  /** @returns undefined where there is nothing to compare with yet, or no process lives */
  #sample({ key, launchId }: LiveTree, members: readonly ProcessUsage[], at: number): TreeSample | undefined {
    if (members.length === 0) return undefined;
    const last = this.#looks.get(key);
    if (last === undefined || last.launchId !== launchId) {
      this.#looks.set(key, { at, launchId, members, latest: undefined });
      return undefined;
    }
    const elapsedMs = at - last.at;
    // CPU time has a grain of 10 ms: over a short time that would be a large error.
    if (elapsedMs < this.#options.soonMs / 2) return undefined;
    const latest: Resources = {
      time: this.#options.clock.epoch(),
      cpuPercent: Math.round((cpuBetween(last.members, members) / elapsedMs) * 1000) / 10,
      memoryBytes: memoryOf(members),
      processes: members.length,
    };
    this.#looks.set(key, { at, launchId, members, latest });
    this.#record(key, latest);
    return { key, launchId, ...latest };
  }

  #record(key: string, sample: Resources): void {
    const history = this.#histories.get(key) ?? new History();
    // Set anew, so that the order is that of the last samples.
    this.#histories.delete(key);
    this.#histories.set(key, history);
    history.add(sample);
  }

  dispose(): void {
    this.#scope.dispose();
  }
}
