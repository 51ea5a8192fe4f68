import { abortable, formatMs } from "../../shared/base/deadline.ts";
import { type Disposable, every } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { claimWindowMs, type LockRequest, type LockStore } from "../store/store.ts";

/** How long a queued request stays valid without being asked about again, in milliseconds. */
const queueValidityMs = 10_000;
/** How often it is looked whether a waiter waits for a dead owner, in milliseconds. Nothing announces a death. */
const lookEveryMs = 250;

/** A grant, and until when (monotonic, ms) the store surely keeps it without a renewal. */
export interface Acquired {
  readonly fence: number;
  readonly sureUntil: number;
}

/**
 * Waits for locks: asks once, then waits for the push. Asking again now and then catches a push that was lost, and
 * shows the store that the waiter lives.
 */
export class Queue implements Disposable {
  readonly #locks: LockStore;
  readonly #reaskMs: number;
  readonly #freeDead: () => Promise<boolean>;
  readonly #pushes = new Map<string, (fence: number | undefined) => void>();
  readonly #subscriptions: readonly Disposable[];
  #looking: Disposable | undefined;

  /**
   * @param reaskMs time between two questions, in milliseconds
   * @param freeDead frees what dead owners hold, as far as they are known to be dead; never rejects. @returns whether
   *   there was any
   */
  constructor(locks: LockStore, reaskMs: number, freeDead: () => Promise<boolean>) {
    this.#locks = locks;
    this.#reaskMs = reaskMs;
    this.#freeDead = freeDead;
    this.#subscriptions = [
      locks.onGranted(({ token, fence }) => this.#pushes.get(token)?.(fence)),
      // A push may have been missed: all of them ask again at once.
      locks.onReconnected(() => {
        for (const wake of this.#pushes.values()) wake(undefined);
      }),
    ];
  }

  /**
   * @param waitMs 0: don't wait
   * @param onQueued called once if the request has to wait
   * @throws DevlatchError `LOCK_HELD` (not waiting), `DEADLINE` naming the owner, `STORE_UNAVAILABLE`, or the
   *   signal's reason. The request may then still be in the store: the caller cancels it.
   */
  async acquire(
    request: LockRequest,
    waitMs: number,
    signal: AbortSignal,
    onQueued: () => void,
  ): Promise<Acquired> {
    const deadline = performance.now() + waitMs;
    for (let asked = 0; ; asked++) {
      signal.throwIfAborted();
      const push = this.#expectPush(request.token);
      try {
        const sentAt = performance.now();
        const remainingMs = Math.max(0, deadline - sentAt);
        const asking = this.#locks.acquire(request, Math.min(remainingMs, queueValidityMs));
        const reply = await abortable(asking, signal);
        if (reply.kind === "granted") return { fence: reply.fence, sureUntil: sentAt + request.ttlMs };
        if (waitMs <= 0) {
          if (asked === 0 && (await abortable(this.#freeDead(), signal))) continue;
          throw held(request, reply.owner);
        }
        if (reply.kind === "refused" || deadline <= performance.now())
          throw late(request, waitMs, reply.owner);
        if (asked === 0) {
          onQueued();
          this.#look();
        }
        // A push that overtook the answer may be older than it: only asking again tells.
        if (push.arrived) continue;
        const fence = await push.wait(Math.min(this.#reaskMs, deadline - performance.now()), signal);
        // The store granted it after it answered, so its life is surely no shorter than counted from the question.
        const lifeMs = Math.min(request.ttlMs, claimWindowMs);
        if (fence !== undefined && performance.now() < sentAt + lifeMs / 2) {
          return { fence, sureUntil: sentAt + lifeMs };
        }
      } finally {
        push.dispose();
      }
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#pushes.clear();
    this.#endLooking();
  }

  /** At once, and then as long as there are waiters. */
  #look(): void {
    void this.#freeDead();
    this.#looking ??= every(lookEveryMs, () => {
      if (this.#pushes.size === 0) this.#endLooking();
      else void this.#freeDead();
    });
  }

  #endLooking(): void {
    this.#looking?.dispose();
    this.#looking = undefined;
  }

  #expectPush(token: string) {
    const pushed = Promise.withResolvers<number | undefined>();
    const push = {
      arrived: false,
      /** @returns the fence, or undefined when the time is over */
      wait: async (ms: number, signal: AbortSignal): Promise<number | undefined> => {
        const over = Promise.withResolvers<undefined>();
        const timer = setTimeout(() => over.resolve(undefined), Math.max(0, ms));
        try {
          return await abortable(Promise.race([pushed.promise, over.promise]), signal);
        } finally {
          clearTimeout(timer);
        }
      },
      dispose: () => this.#pushes.delete(token),
    };
    this.#pushes.set(token, (fence) => {
      push.arrived = true;
      pushed.resolve(fence);
    });
    return push;
  }
}

function held({ key }: LockRequest, owner: string): DevlatchError {
  return new DevlatchError(
    "LOCK_HELD",
    `The lock ${key} is held by ${owner}.`,
    "Wait until it is released, or see devlatch locks.",
    { data: { key, owner } },
  );
}

function late({ key }: LockRequest, waitMs: number, owner: string): DevlatchError {
  return new DevlatchError(
    "DEADLINE",
    `The lock ${key} was not free within ${formatMs(waitMs)}: ${owner} holds it.`,
    "Try again, allow more time with --timeout, or see devlatch locks.",
    { data: { key, owner } },
  );
}
