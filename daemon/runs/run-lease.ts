import { abortable, pause } from "../../shared/base/deadline.ts";
import { DevlatchError, type ErrorCode, hasCode } from "../../shared/base/errors.ts";
import { Flight, type Progress } from "../../shared/base/flight.ts";
import type { Exit } from "../../shared/model/exit.ts";
import { type RunPlace, runKey, runLeaseKey } from "../../shared/model/keys.ts";
import type { RunRecord } from "../../shared/model/run.ts";
import { isRunLive } from "../../shared/model/run-state.ts";
import type { HostConnection } from "../hosts/client.ts";
import { type Hosted, hostedHere, leftoversOf } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { leftoversSurvive, runLost, runLostElsewhere } from "./errors.ts";
import type { RunLauncher } from "./launcher.ts";
import { answers, endState, isReplayable, type RunRecords } from "./records.ts";
import type { RunDependencies, RunRequest } from "./request.ts";

/** A wait longer than this is told to callers, in milliseconds. */
const worthSayingMs = 250;
/** Expiry of the lease unless renewed, in milliseconds; the lock service's renewals are its heartbeat. */
const leaseTtlMs = 30_000;
/** How long the lease is waited for, in milliseconds: another daemon's run may take its time. */
const leaseWaitMs = 7 * 24 * 3_600_000;
/** Pause before the lease of a living run is asked for again, in milliseconds. */
const retryMs = 1_000;
/** How often a host that lives but doesn't answer is asked again, in milliseconds. */
const silentMs = 1_000;

/** What a caller of a run gets once it is clear which execution is its own. */
export interface Landed {
  readonly record: RunRecord;
  /** The recorded result stands for the execution. */
  readonly replayed: boolean;
}

/** What a caller wants executed unless it turns out to be under way. */
export interface Wish extends RunRequest {
  /** The last execution there was when the caller asked. */
  readonly seen: string | undefined;
}

/**
 * Holds the lease of one key as long as its run lives: waits for it, looks what is there, launches what is wished
 * for, follows it to its end, records that, lets go. One per key and daemon. It doesn't end with its callers: a run
 * that was launched goes on without them.
 */
export class RunLease {
  readonly #place: RunPlace;
  readonly #dependencies: RunDependencies;
  readonly #records: RunRecords;
  readonly #launcher: RunLauncher;
  readonly #wish: Wish | undefined;
  readonly #landing = Promise.withResolvers<Landed | undefined>();
  readonly #flight: Flight<Landed | undefined>;
  readonly #gone = new AbortController();
  #landed: RunRecord | undefined;
  #holding = false;
  /** Until it is told that the lease is waited for. */
  #waiting: NodeJS.Timeout | undefined;
  #ending = false;
  /** Settles when the lease is released; never rejects. */
  readonly settled: Promise<void>;

  /** @param wish what to execute; without one the lease only looks after what lives */
  constructor(
    place: RunPlace,
    parts: { dependencies: RunDependencies; records: RunRecords; launcher: RunLauncher },
    wish?: Wish,
  ) {
    this.#place = place;
    this.#dependencies = parts.dependencies;
    this.#records = parts.records;
    this.#launcher = parts.launcher;
    this.#wish = wish;
    this.#flight = new Flight((signal, progress) => this.#land(signal, progress));
    this.settled = this.#keep();
  }

  /** The execution the callers landed on. */
  get launchId(): string | undefined {
    return this.#landed?.hosting.launchId;
  }

  /** Whether the execution is over, and only the lease has to be let go. */
  get ending(): boolean {
    return this.#ending;
  }

  /**
   * Waits until there is an execution to follow, or a result.
   * @returns undefined when nothing ran and nothing was wished for: ask again once `settled`
   * @throws DevlatchError what the launch failed with; the signal's reason
   */
  join(signal: AbortSignal, progress: Progress): Promise<Landed | undefined> {
    return this.#flight.join(signal, progress);
  }

  async #land(signal: AbortSignal, progress: Progress): Promise<Landed | undefined> {
    const words = `Waiting for the lease of the run ${this.#place.key}`;
    if (!this.#holding) this.#waiting = setTimeout(() => progress("locking", words), worthSayingMs);
    try {
      // What lives is looked after whether or not a caller waits for it.
      if (!this.#wish) return await abortable(this.#landing.promise, signal);
      signal.addEventListener("abort", () => this.#gone.abort(signal.reason), { once: true });
      return await this.#landing.promise;
    } finally {
      clearTimeout(this.#waiting);
    }
  }

  async #keep(): Promise<void> {
    const key = runKey(this.#place);
    const notice = (record: RunRecord | undefined) =>
      void (record && this.#notice(record).catch((error) => this.#trouble(error)));
    const watching = this.#records.onChanged((change) => {
      if (change.key !== key) return;
      if (change.record) notice(change.record);
      // The lease lives on where a store lost its data; the record has to be brought back too.
      else if (this.#holding && !this.#ending) this.#reassert().catch((error) => this.#trouble(error));
    });
    notice(this.#records.peek(key));
    try {
      await this.#hold();
      this.#landing.resolve(undefined);
    } catch (error) {
      this.#landing.reject(error);
      if (this.#landed && !this.#gone.signal.aborted) this.#trouble(error);
    } finally {
      this.#ending = true;
      watching.dispose();
    }
  }

  async #hold(): Promise<void> {
    const owner = `daemon ${process.pid}, run ${this.#place.key}`;
    const options = { ttlMs: leaseTtlMs, waitMs: leaseWaitMs, owner, signal: this.#gone.signal };
    for (;;) {
      try {
        return await this.#dependencies.locks.withLock(runLeaseKey(this.#place), options, (grant) => {
          clearTimeout(this.#waiting);
          return this.#underLease(grant);
        });
      } catch (error) {
        if (this.#gone.signal.aborted || !this.#triesAgain(error)) throw error;
        await pause(retryMs, this.#gone.signal);
      }
    }
  }

  /** A living run is looked after again whatever became of the lease; a launch that lost it looks who has it. */
  #triesAgain(error: unknown): boolean {
    const codes: readonly ErrorCode[] = this.#landed
      ? ["LOCK_LOST", "RECORD_CONFLICT", "STORE_UNAVAILABLE", "DEADLINE"]
      : ["LOCK_LOST", "RECORD_CONFLICT"];
    return codes.some((code) => hasCode(error, code));
  }

  /** While another daemon holds the lease: its run is ours to attach to. */
  async #notice(record: RunRecord): Promise<void> {
    if (this.#holding) return;
    const { launchId } = record.hosting;
    if (!isRunLive(record.state)) {
      if (!this.#landed && this.#sinceAsked(record)) this.#settleOn(record);
      if (this.#landed?.hosting.launchId === launchId) this.#gone.abort(over());
      return;
    }
    if (this.#landed || record.state.kind === "starting") return;
    const hosting = hostedHere(record, this.#dependencies.machineId);
    if (hosting && !(await this.#lives(hosting))) return;
    if (!this.#landed && !this.#holding) this.#settleOn(record);
  }

  async #lives(hosting: Hosted): Promise<boolean> {
    const host = await this.#dependencies.hosts.stateOf(hosting);
    return host.kind !== "gone";
  }

  async #underLease(grant: LockGrant): Promise<void> {
    this.#holding = true;
    try {
      const found = (await this.#records.read(runKey(this.#place))) ?? (await this.#reassert());
      const last = found && isRunLive(found.state) ? await this.#secondLook(found, grant) : found;
      if (this.#landed || !this.#wish) return;
      if (last && this.#isAnswer(last)) return this.#settleOn(last);
      const launched = await this.#launcher.launch(this.#wish, last, grant);
      this.#settleOn(launched);
      await this.#follow(launched, grant);
    } finally {
      this.#holding = false;
    }
  }

  /** The store was emptied while the run lives: its record is written again. */
  async #reassert(): Promise<RunRecord | undefined> {
    const landed = this.#landed;
    if (landed && isRunLive(landed.state)) await this.#records.write(landed);
    return landed;
  }

  /** Follows what lives, records how it ended. @returns the record after that */
  async #secondLook(record: RunRecord, grant: LockGrant): Promise<RunRecord | undefined> {
    const hosting = hostedHere(record, this.#dependencies.machineId);
    // The lease of a daemon elsewhere has expired, so that daemon is gone or has given the run up.
    if (!hosting) return this.#conclude(record, undefined, grant);
    if (!this.#landed && (await this.#lives(hosting))) this.#settleOn(record);
    return this.#follow(record, grant);
  }

  /** Waits until the host is gone. Its exit is in the thread by then, after everything the run wrote. */
  async #follow(record: RunRecord, grant: LockGrant): Promise<RunRecord | undefined> {
    const hosting = hostedHere(record, this.#dependencies.machineId);
    if (!hosting) return undefined;
    for (;;) {
      grant.signal.throwIfAborted();
      const check = await this.#dependencies.hosts.check(hosting);
      if (check.kind === "gone") return this.#conclude(record, check.exit, grant);
      if (check.kind === "live") await closed(check.connection, grant.signal);
      else await pause(silentMs, grant.signal);
    }
  }

  async #conclude(
    record: RunRecord,
    exit: Exit | undefined,
    grant: LockGrant,
  ): Promise<RunRecord | undefined> {
    const { hosts, machineId, now, cleanups } = this.#dependencies;
    const hosting = hostedHere(record, machineId);
    const survivors = hosting ? await hosts.endLeftovers(record, hosting) : [];
    if (hosting && survivors.length > 0)
      cleanups.owe(leftoversOf(record, hosting), leftoversSurvive(record, survivors));
    grant.signal.throwIfAborted();
    this.#ending = this.#landed !== undefined;
    const key = runKey(this.#place);
    if (!this.#records.peek(key)) await this.#reassert();
    await this.#records.update(key, (current) => {
      const same = current.hosting.launchId === record.hosting.launchId && isRunLive(current.state);
      if (!same) return undefined;
      const lost = hosting ? runLost(current) : runLostElsewhere(current);
      return { ...current, state: endState(current, exit, lost, now()) };
    });
    return this.#records.peek(key);
  }

  /** Whether an execution that is over by the time we look was under way while the caller waited. */
  #sinceAsked(record: RunRecord): boolean {
    const wish = this.#wish;
    if (!wish || record.state.kind === "failed") return false;
    return answers(record, wish) || record.hosting.launchId !== wish.seen;
  }

  #isAnswer(record: RunRecord): boolean {
    const wish = this.#wish;
    if (!wish) return false;
    return this.#sinceAsked(record) || isReplayable(record, wish, this.#dependencies.now());
  }

  #settleOn(record: RunRecord): void {
    this.#landed = record;
    const wish = this.#wish;
    const replayed = !isRunLive(record.state) && wish !== undefined && !this.#sinceAsked(record);
    this.#landing.resolve({ record, replayed });
  }

  #trouble(error: unknown): void {
    this.#dependencies.log.warn({ err: error, run: this.#place.key }, "a run could not be looked after");
  }
}

/** Waits for the end of the connection, which is the end of the host or of its patience. */
async function closed(connection: HostConnection, signal: AbortSignal): Promise<void> {
  const end = new Promise<void>((resolve) => {
    connection.onNotification("exited", () => resolve());
    connection.onClosed(() => resolve());
  });
  try {
    await abortable(end, signal);
  } finally {
    connection.dispose();
  }
}

function over(): DevlatchError {
  return new DevlatchError("CANCELLED", "The run is over.", "Nothing to do.");
}
