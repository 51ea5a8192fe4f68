import { abortable, runWithDeadline } from "../../shared/base/deadline.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Progress } from "../../shared/base/flight.ts";
import { type RunPlace, runKey } from "../../shared/model/keys.ts";
import { type RunRecord, toRunView } from "../../shared/model/run.ts";
import { isRunLive } from "../../shared/model/run-state.ts";
import type { RunOutcome, RunStartResult } from "../../shared/protocol/runs.ts";
import { hostedHere } from "../hosts/hosts.ts";
import type { RecordStore } from "../store/store.ts";
import { leftoversSurvive, neverRun, runLost, runsElsewhere } from "./errors.ts";
import { Bell, OutputHints } from "./hints.ts";
import { RunLauncher } from "./launcher.ts";
import { type OutputPage, readBytes, readLines } from "./output.ts";
import { answers, differencesOf, exitCodeOf, isReplayable, outcomeOf, RunRecords } from "./records.ts";
import type { RunDependencies, RunRequest } from "./request.ts";
import { RunLease, type Wish } from "./run-lease.ts";

/** How long a reader waits before it looks by itself, in milliseconds: a hint may get lost. */
const sweepMs = 1_000;
/** How long recording the end of a stopped run may take, in milliseconds. */
const concludeMs = 30_000;

/** One execution of a key. */
export interface ExecutionPlace extends RunPlace {
  readonly launchId: string;
}

/** Exclusive runs: one execution at a time per key, for all who ask. */
export class RunService implements Disposable {
  readonly #dependencies: RunDependencies;
  readonly #scope = new Scope();
  readonly #records: RunRecords;
  readonly #launcher: RunLauncher;
  readonly #hints = this.#scope.add(new OutputHints());
  readonly #leases = new Map<string, RunLease>();

  constructor(dependencies: RunDependencies, store: RecordStore) {
    this.#dependencies = dependencies;
    this.#records = this.#scope.add(new RunRecords(store, dependencies.log));
    this.#launcher = new RunLauncher(dependencies, this.#records);
  }

  /** Reads all records and looks after what a former daemon of this home left running. */
  async begin(): Promise<void> {
    await this.#records.load();
    for (const record of this.#records.all()) {
      const { directory } = record.hosting;
      const own = directory.startsWith(this.#dependencies.hosts.directoryOf(record.sandboxId, ""));
      if (own && isRunLive(record.state) && hostedHere(record, this.#dependencies.machineId))
        this.#attend(record);
    }
  }

  /** Fires when the record of an execution changed, whichever daemon looks after it. */
  get onChanged() {
    return this.#records.onChanged;
  }

  /** Whether a run lives that this daemon looks after. */
  get busy(): boolean {
    return this.#leases.size > 0;
  }

  list(): readonly RunRecord[] {
    return this.#records.all();
  }

  /** Reads again what other daemons wrote. @throws DevlatchError `STORE_UNAVAILABLE` */
  refresh(): Promise<void> {
    return this.#records.load();
  }

  /** Removes the record of an execution that has ended. @param key as `runKey` makes it */
  forget(key: string): Promise<void> {
    return this.#records.remove(key);
  }

  /**
   * Executes the command unless its key is being executed, or has a result that may be replayed.
   * @returns once there is an execution to follow
   * @throws DevlatchError see {@link RunLauncher.launch}; the signal's reason
   */
  async start(request: RunRequest, signal: AbortSignal, progress: Progress): Promise<RunStartResult> {
    const key = runKey(request);
    for (;;) {
      signal.throwIfAborted();
      const lease = this.#leases.get(key);
      if (lease?.ending || (lease && request.instead && lease.launchId === request.instead)) {
        await abortable(lease.settled, signal);
        continue;
      }
      const known = lease ? undefined : await this.#records.read(key);
      if (known && answers(known, request)) return this.#result(known, false, request);
      if (known && isReplayable(known, request, this.#dependencies.now()))
        return this.#result(known, true, request);
      const joined =
        this.#leases.get(key) ?? this.#keep(request, { ...request, seen: known?.hosting.launchId });
      const landed = await joined.join(signal, progress);
      if (landed && (!landed.replayed || isReplayable(landed.record, request, this.#dependencies.now())))
        return this.#result(landed.record, landed.replayed, request);
      await abortable(joined.settled, signal);
    }
  }

  /**
   * The next page of an execution's output; waits up to `waitMs` milliseconds for one that says something.
   * @returns with the outcome once everything was read and the lease is released
   */
  async output(
    place: ExecutionPlace,
    wishes: { form: "lines" | "raw"; cursor?: number | undefined; limit: number; waitMs: number },
    signal: AbortSignal,
  ): Promise<OutputPage & { readonly outcome?: RunOutcome }> {
    const record = await this.#known(place);
    const directory = hostedHere(record, this.#dependencies.machineId)?.directory;
    const read = () => {
      if (directory === undefined) return { messages: [], data: "", next: 0, skipped: 0 };
      const thread = this.#dependencies.thread(directory);
      return wishes.form === "raw"
        ? readBytes(thread, place.launchId, wishes.cursor)
        : readLines(thread, place.launchId, wishes.cursor, wishes.limit);
    };
    return this.watch(place, wishes.waitMs, signal, async () => {
      const before = await this.#outcome(place);
      const page = read();
      const silent = page.messages.length === 0 && page.data === "";
      if (!silent) return { found: page };
      // Known before the page was read, so nothing can have been written since.
      return before ? { found: { ...page, outcome: before } } : { otherwise: page };
    });
  }

  /** How an execution ended; null if it goes on after `waitMs` milliseconds. */
  async wait(place: ExecutionPlace, waitMs: number, signal: AbortSignal): Promise<RunOutcome | null> {
    return this.watch<RunOutcome | null>(place, waitMs, signal, async () => {
      const found = await this.#outcome(place);
      return found ? { found } : { otherwise: null };
    });
  }

  /**
   * Ends a run with everything it started.
   * @param launchId only this execution; without it the present one
   * @throws DevlatchError `STOP_INCOMPLETE`, `HOST_FAILED` (on another machine), `DEADLINE`, `STORE_UNAVAILABLE`
   */
  async stop(
    place: RunPlace,
    launchId: string | undefined,
    signal: AbortSignal,
  ): Promise<"stopped" | "not_running"> {
    const key = runKey(place);
    const record = await this.#records.read(key);
    if (!record || !isRunLive(record.state)) return "not_running";
    if (launchId !== undefined && record.hosting.launchId !== launchId) return "not_running";
    const { hosts, machineId, now } = this.#dependencies;
    const hosting = hostedHere(record, machineId);
    if (!hosting) throw runsElsewhere(record);
    await this.#records.update(key, (current) =>
      current.hosting.launchId === hosting.launchId && isRunLive(current.state)
        ? { ...current, state: { kind: "stopping", since: now() } }
        : undefined,
    );
    const survivors = await hosts.endRecorded(record, hosting);
    if (survivors.length > 0) throw leftoversSurvive(record, survivors);
    const execution = { ...place, launchId: hosting.launchId };
    await runWithDeadline(
      concludeMs,
      `Recording the end of the run ${place.key}`,
      (inner) => this.wait(execution, concludeMs, inner),
      signal,
    );
    return "stopped";
  }

  #keep(place: RunPlace, wish?: Wish): RunLease {
    const key = runKey(place);
    const parts = { dependencies: this.#dependencies, records: this.#records, launcher: this.#launcher };
    const { sandboxId } = place;
    const lease = new RunLease({ sandboxId, key: place.key }, parts, wish);
    this.#leases.set(key, lease);
    void lease.settled.then(() => {
      if (this.#leases.get(key) === lease) this.#leases.delete(key);
    });
    return lease;
  }

  /** Makes sure that a run that lives is looked after here. */
  #attend(place: RunPlace): RunLease {
    return this.#leases.get(runKey(place)) ?? this.#keep(place);
  }

  #result(record: RunRecord, replayed: boolean, request: RunRequest): RunStartResult {
    const own = record.callId === request.callId;
    return {
      outcome: own ? "executed" : replayed ? "replayed" : "attached",
      run: toRunView(record),
      differences: differencesOf(record, request),
      readable: hostedHere(record, this.#dependencies.machineId) !== undefined,
    };
  }

  /** @throws DevlatchError `NOT_RUNNING` for a key that was never executed; `STORE_UNAVAILABLE` */
  async #known(place: RunPlace): Promise<RunRecord> {
    const record = this.#records.peek(runKey(place)) ?? (await this.#records.read(runKey(place)));
    if (!record) throw neverRun(place.key);
    return record;
  }

  /**
   * Asks again whenever something of an execution may have changed, until `look` finds something or the time is over.
   * @throws DevlatchError `NOT_RUNNING` for a key that was never executed; what `look` throws; the signal's reason
   */
  async watch<T>(
    place: ExecutionPlace,
    waitMs: number,
    signal: AbortSignal,
    look: () => Promise<{ found: T } | { otherwise: T }>,
  ): Promise<T> {
    const until = performance.now() + waitMs;
    const bell = new Bell();
    const scope = new Scope();
    const key = runKey(place);
    scope.add(this.#records.onChanged((change) => change.key === key && bell.ring()));
    const record = await this.#known(place);
    const hosting = hostedHere(record, this.#dependencies.machineId);
    if (hosting && record.hosting.launchId === place.launchId && isRunLive(record.state))
      scope.add(this.#hints.listen(hosting, () => bell.ring()));
    try {
      for (;;) {
        const seen = await look();
        if ("found" in seen) return seen.found;
        const remaining = until - performance.now();
        if (remaining <= 0) return seen.otherwise;
        await bell.next(Math.min(remaining, sweepMs), signal);
      }
    } finally {
      scope.dispose();
    }
  }

  /** How an execution ended; undefined while it goes on, or until its lease is released. */
  async #outcome(place: ExecutionPlace): Promise<RunOutcome | undefined> {
    const record = this.#records.peek(runKey(place));
    if (record?.hosting.launchId === place.launchId) {
      const outcome = outcomeOf(record);
      if (outcome) await this.#released(place);
      else this.#attend(place);
      return outcome;
    }
    // The store was emptied; the daemon that looks after the run writes its record again.
    if (!record && this.#leases.get(runKey(place))?.launchId === place.launchId) return undefined;
    // The key has been executed again since; the thread still knows.
    const directory = record && hostedHere(record, this.#dependencies.machineId)?.directory;
    const end = directory && this.#dependencies.thread(directory).span(place.launchId)?.launch.end;
    return end
      ? { kind: "ended", exitCode: exitCodeOf(end.exit), cancelled: false }
      : { kind: "failed", error: runLost(place) };
  }

  /** A caller that hears of the end may start the next execution at once. */
  async #released(place: ExecutionPlace): Promise<void> {
    const lease = this.#leases.get(runKey(place));
    if (lease?.launchId === place.launchId) await lease.settled;
  }

  dispose(): void {
    this.#scope.dispose();
  }
}
