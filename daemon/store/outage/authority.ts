import { type Disposable, every, Scope } from "../../../shared/base/disposable.ts";
import { DevlatchError, hasCode, toErrorShape } from "../../../shared/base/errors.ts";
import type { Log } from "../../../shared/base/log.ts";

/** What changes hands. */
export interface Handover {
  /** Why this daemon may not decide alone, in words; undefined: it may. */
  obstacle(): Promise<string | undefined>;
  /** Makes what is known of the shared store's locks known here. */
  assume(): Promise<void>;
  /** Makes the shared store know what was done here. @throws DevlatchError `STORE_UNAVAILABLE` */
  giveBack(): Promise<void>;
  /** Who waits asks again; who reads, reads again. */
  announce(): void;
}

type State =
  /** The shared store decides. */
  | { readonly kind: "shared" }
  /** This daemon decides, for the shared store is away. */
  | { readonly kind: "own" }
  /** What is held and known is handed over, one way or the other; all callers wait. */
  | { readonly kind: "changing"; readonly done: Promise<void> };

const retryEveryMs = 1_000;

/** Who decides about what belongs to this machine: the shared store, or while that is away this daemon alone. */
export class Authority implements Disposable {
  readonly #handover: Handover;
  readonly #isBack: () => boolean;
  readonly #log: Log;
  readonly #scope = new Scope();
  #state: State;
  #assuming: Promise<void> | undefined;

  /**
   * @param own whether an earlier daemon left changes that the shared store doesn't know of
   * @param isBack whether the shared store answers
   */
  constructor(handover: Handover, own: boolean, isBack: () => boolean, log: Log) {
    this.#handover = handover;
    this.#isBack = isBack;
    this.#log = log;
    this.#state = { kind: own ? "own" : "shared" };
    // Its return is announced by an event, but giving back may fail half-way and is then tried again.
    this.#scope.add(every(retryEveryMs, () => void this.giveBack()));
  }

  get isOwn(): boolean {
    return this.#state.kind !== "shared";
  }

  /**
   * Asks the shared store, and where it is away and this daemon may decide alone, does it here.
   * @throws what `shared` throws, `STORE_UNAVAILABLE` naming why this daemon may not decide alone
   */
  async decide<T>(shared: () => Promise<T>, own: () => Promise<T>): Promise<T> {
    if (this.#state.kind === "changing") await this.#state.done;
    if (this.#state.kind === "own") return own();
    try {
      return await shared();
    } catch (error) {
      if (!hasCode(error, "STORE_UNAVAILABLE") || this.#scope.disposed) throw error;
      this.#assuming ??= this.#assume(error).finally(() => {
        this.#assuming = undefined;
      });
      await this.#assuming;
      return own();
    }
  }

  /** Gives back once the shared store answers. Never rejects: what fails is tried again. */
  async giveBack(): Promise<void> {
    if (this.#state.kind !== "own" || !this.#isBack() || this.#scope.disposed) return;
    const { promise: done, resolve } = Promise.withResolvers<void>();
    this.#state = { kind: "changing", done };
    try {
      await this.#handover.giveBack();
      this.#state = { kind: "shared" };
      this.#log.info({}, "the shared store is back and knows what happened meanwhile");
    } catch (error) {
      this.#state = { kind: "own" };
      this.#log.debug({ err: error }, "the shared store could not be told what happened meanwhile");
    } finally {
      resolve();
    }
    if (!this.isOwn) this.#handover.announce();
  }

  dispose(): void {
    this.#scope.dispose();
  }

  async #assume(outage: unknown): Promise<void> {
    if (this.#state.kind !== "shared") return;
    const obstacle = await this.#handover.obstacle();
    if (obstacle !== undefined) {
      const { message, remedy = "" } = toErrorShape(outage);
      throw new DevlatchError("STORE_UNAVAILABLE", `${message} ${obstacle}`, remedy, { cause: outage });
    }
    const { promise: done, resolve } = Promise.withResolvers<void>();
    this.#state = { kind: "changing", done };
    try {
      await this.#handover.assume();
      this.#state = { kind: "own" };
    } catch (error) {
      this.#state = { kind: "shared" };
      throw error;
    } finally {
      resolve();
    }
    this.#log.warn({ err: outage }, "the shared store is away; sandboxes of this machine alone go on");
    this.#handover.announce();
  }
}
