import { type Disposable, every } from "../../shared/base/disposable.ts";

/** Time without anything to do after which the daemon exits, in milliseconds. */
export const defaultIdleMs = 5 * 60_000;

/** How often that is looked at, in milliseconds: each look wakes a daemon that has nothing else to do. */
const lookEveryMs = 10_000;

/**
 * Calls `exit` once nothing was busy for `idleMs` milliseconds.
 * @param made how many clients came so far: one that came and went between two looks was busy, too
 */
export function exitWhenIdle(
  idleMs: number,
  { busy, made }: { readonly busy: () => boolean; readonly made: () => number },
  exit: () => void,
): Disposable {
  let idleSince: number | undefined;
  let seen = made();
  return every(Math.min(lookEveryMs, idleMs), () => {
    const came = made() !== seen;
    seen = made();
    if (came || busy()) {
      idleSince = undefined;
      return;
    }
    idleSince ??= performance.now();
    if (performance.now() - idleSince >= idleMs) exit();
  });
}
