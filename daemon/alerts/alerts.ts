import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import type { AlertBoard, AlertKind } from "../../shared/model/alert.ts";
import { AlertBook, KeptAlerts, type Problem } from "./book.ts";

export interface AlertsDependencies {
  /** Where snoozes and what was told are kept. */
  readonly file: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Log;
}

/** Longest time a timer can wait, in milliseconds (2^31 - 1). */
const longestTimerMs = 2_147_483_647;

/** The one place that knows what is wrong now, wherever it was found out, and who was told. */
export class Alerts implements Disposable {
  readonly #dependencies: AlertsDependencies;
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new Emitter<AlertBoard>());
  readonly #book: AlertBook;
  readonly #found = new Map<string, readonly Problem[]>();
  /** One for each client that asked for silence as long as it is there. */
  readonly #pauses = new Set<object>();
  #pausedUntil: number | null;
  #timer: NodeJS.Timeout | undefined;
  #board: AlertBoard;
  #written = "";

  readonly onChanged = this.#changed.event;

  constructor(dependencies: AlertsDependencies) {
    this.#dependencies = dependencies;
    const kept = readKept(dependencies.file);
    this.#book = new AlertBook(kept, dependencies.now());
    this.#pausedUntil = kept.pausedUntil;
    this.#board = this.#look();
    this.#scope.defer(() => clearTimeout(this.#timer));
  }

  get board(): AlertBoard {
    return this.#board;
  }

  /** Takes over everything that one source finds wrong now. @param source names it */
  report(source: string, problems: readonly Problem[]): void {
    this.#found.set(source, problems);
    this.#book.update([...this.#found.values()].flat(), this.#dependencies.now());
    this.#refresh();
  }

  /** Whether a problem with this id stands or stood a short while ago, also under the daemon before. */
  knows(id: string): boolean {
    return this.#book.knows(id);
  }

  /** The caller tells its user of an alert. @returns false where it must not: another did, or it isn't to be told */
  take(id: string, since: number): boolean {
    const taken = this.#board.pause.kind === "none" && this.#book.take(id, since, this.#dependencies.now());
    if (taken) this.#refresh();
    return taken;
  }

  /**
   * @param id of the alert, or the beginning of it where that is enough to tell
   * @throws DevlatchError `INVALID_INPUT` where no such alert stands
   */
  snooze(id: string, forMs: number): AlertBoard {
    const exact = this.#board.alerts.filter((alert) => alert.id === id);
    const meant = exact.length > 0 ? exact : this.#board.alerts.filter((alert) => alert.id.startsWith(id));
    const [alert] = meant;
    if (!alert || meant.length > 1) throw noSuchAlert(id, meant.length);
    this.#book.snooze(alert.id, this.#dependencies.now() + forMs);
    return this.#refresh();
  }

  mute(kind: AlertKind, muted: boolean): AlertBoard {
    this.#book.mute(kind, muted);
    return this.#refresh();
  }

  /** No alert is told for so long. */
  pause(forMs: number): AlertBoard {
    this.#pausedUntil = this.#dependencies.now() + forMs;
    return this.#refresh();
  }

  /** The same until the scope ends. */
  pauseWhile(scope: Scope): AlertBoard {
    const pause = {};
    this.#pauses.add(pause);
    scope.defer(() => {
      this.#pauses.delete(pause);
      if (!this.#scope.disposed) this.#refresh();
    });
    return this.#refresh();
  }

  /** Ends every pause. */
  resume(): AlertBoard {
    this.#pauses.clear();
    this.#pausedUntil = null;
    return this.#refresh();
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #refresh(): AlertBoard {
    const before = JSON.stringify(this.#board);
    this.#board = this.#look();
    this.#keep();
    this.#wait();
    if (JSON.stringify(this.#board) !== before) this.#changed.fire(this.#board);
    return this.#board;
  }

  #look(): AlertBoard {
    const now = this.#dependencies.now();
    const until = this.#pausedUntil;
    const pause: AlertBoard["pause"] =
      this.#pauses.size > 0
        ? { kind: "while-connected" }
        : until !== null && until > now
          ? { kind: "until", time: until }
          : { kind: "none" };
    return { alerts: this.#book.alerts(now), muted: this.#book.muted, pause };
  }

  /** Something settles, or a silence ends. */
  #wait(): void {
    clearTimeout(this.#timer);
    const now = this.#dependencies.now();
    const { pause } = this.#board;
    const at = Math.min(
      this.#book.nextChange(now),
      pause.kind === "until" ? pause.time : Number.POSITIVE_INFINITY,
    );
    if (!Number.isFinite(at) || this.#scope.disposed) return;
    this.#timer = setTimeout(() => this.#refresh(), Math.min(longestTimerMs, Math.max(1, at - now + 1)));
    this.#timer.unref();
  }

  /** A full disk costs the memory of what was told, nothing else. */
  #keep(): void {
    const { file, log } = this.#dependencies;
    const kept: KeptAlerts = { ...this.#book.kept(), pausedUntil: this.#pausedUntil };
    const text = JSON.stringify(kept);
    if (text === this.#written) return;
    this.#written = text;
    try {
      writeFileSync(`${file}.tmp`, text, { mode: 0o600 });
      renameSync(`${file}.tmp`, file);
    } catch (error) {
      log.warn({ err: error }, "alerts could not be written down");
    }
  }
}

function readKept(file: string): KeptAlerts {
  try {
    return KeptAlerts.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // Missing, or not ours: everything is news.
    return KeptAlerts.parse({});
  }
}

function noSuchAlert(id: string, meant: number): DevlatchError {
  const message = meant === 0 ? `There is no alert ${id} now.` : `${meant} alerts begin with ${id}.`;
  return new DevlatchError("INVALID_INPUT", message, "The alerts there are: devlatch alerts");
}
