import { runWithDeadline } from "../../shared/base/deadline.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { toErrorShape } from "../../shared/base/errors.ts";
import {
  type HealthComponent,
  type HealthComponentName,
  type HealthStatus,
  lastingStatus,
} from "../../shared/model/health.ts";
import type { Check, Observation } from "./check.ts";
import { describe, isSuspicious, type Judgement, judge, judgeFailure, noJudgement } from "./judgement.ts";
import type { Timing } from "./timing.ts";

/** What is suspected is looked at again this soon, in milliseconds. */
const suspiciousMs = 5_000;
/** What is wrong is looked at again this soon, in milliseconds: its end is to be seen too. */
const wrongMs = 60_000;
/**
 * Two looks that no caller asked for are this far apart at least, in milliseconds; further and further where they find
 * the same thing wrong: a look may itself set off the event that asks for the next.
 */
const spacingMs = 500;
const widestSpacingMs = 10_000;

/** What a look came to. */
export interface Looked {
  readonly name: HealthComponentName;
  readonly component: HealthComponent;
  /** The state that counted before; undefined before the first look. */
  readonly before: HealthStatus | undefined;
}

/** Looks at one component: when told, and again by itself as long as something is suspected or wrong. */
export class ComponentWatch implements Disposable {
  readonly #name: HealthComponentName;
  readonly #check: Check;
  readonly #clock: Timing;
  readonly #scope = new Scope();
  readonly #looked = this.#scope.add(new Emitter<Looked>());
  #judgement: Judgement = noJudgement;
  #lastSeen: Pick<Observation, "fine" | "values"> = { fine: "" };
  #latest: HealthComponent | undefined;
  #look: Promise<void> | undefined;
  /** Monotonic. */
  #beganAt = Number.NEGATIVE_INFINITY;
  #spacingMs = spacingMs;
  /** Something changed during a look, which may have looked before that. */
  #outdated = false;
  #timer: Disposable | undefined;
  /** When the timer is due, monotonic. */
  #dueAt = Number.POSITIVE_INFINITY;

  readonly onLooked = this.#looked.event;

  constructor(name: HealthComponentName, check: Check, clock: Timing) {
    this.#name = name;
    this.#check = check;
    this.#clock = clock;
  }

  get latest(): HealthComponent | undefined {
    return this.#latest;
  }

  /** Looks now, or joins the look under way. Never rejects: a look that fails is a result. */
  look(): Promise<void> {
    // Begun in a turn of its own: what the look sets off at once must find it under way.
    this.#look ??= Promise.resolve()
      .then(() => this.#lookOnce())
      .finally(() => {
        this.#look = undefined;
        this.#planNext();
      });
    return this.#look;
  }

  /** Looks in the background; after a look under way once more. */
  lookSoon(ms = 0): void {
    if (this.#look !== undefined) this.#outdated = true;
    else this.#lookIn(Math.max(ms, this.#beganAt + this.#spacingMs - this.#clock.monotonic()));
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#scope.dispose();
  }

  async #lookOnce(): Promise<void> {
    this.#timer?.dispose();
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#outdated = false;
    this.#beganAt = this.#clock.monotonic();
    const before = this.#latest;
    const latencyMs = await this.#judge();
    const { status } = this.#judgement;
    this.#latest = {
      ...describe(this.#judgement, this.#lastSeen),
      latencyMs: Number(latencyMs.toFixed(2)),
      checkedAt: this.#clock.epoch(),
    };
    const isSameTrouble = status !== "healthy" && status === before?.status;
    this.#spacingMs = isSameTrouble ? Math.min(widestSpacingMs, 3 * this.#spacingMs) : spacingMs;
    this.#looked.fire({ name: this.#name, component: this.#latest, before: before && lastingStatus(before) });
  }

  /** @returns how long it took, in milliseconds */
  async #judge(): Promise<number> {
    const { deadlineMs, look } = this.#check;
    const tookMs = () => this.#clock.monotonic() - this.#beganAt;
    try {
      const seen = await runWithDeadline(deadlineMs, `The check of ${this.#name}`, look);
      this.#judgement = judge(this.#judgement, seen, this.#clock.epoch());
      this.#lastSeen = seen;
      return seen.latencyMs ?? tookMs();
    } catch (error) {
      const { message } = toErrorShape(error);
      const words = `It could not be found out how it is: ${message}`;
      this.#judgement = judgeFailure(this.#judgement, words, this.#clock.epoch());
      return tookMs();
    }
  }

  #planNext(): void {
    if (this.#outdated) this.lookSoon();
    if (isSuspicious(this.#judgement)) this.#lookIn(suspiciousMs);
    else if (this.#judgement.status !== "healthy") this.#lookIn(wrongMs);
  }

  /** Looks after so long, unless that is planned sooner. */
  #lookIn(ms: number): void {
    const at = this.#clock.monotonic() + Math.max(0, ms);
    if (this.#scope.disposed || at >= this.#dueAt) return;
    this.#timer?.dispose();
    this.#dueAt = at;
    this.#timer = this.#clock.after(Math.max(0, ms), () => void this.look());
  }
}
