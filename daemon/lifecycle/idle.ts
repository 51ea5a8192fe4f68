import { type Disposable, every } from "../../shared/base/disposable.ts";

/** Time without anything to do after which the daemon exits, in milliseconds. */
export const defaultIdleMs = 5 * 60_000;

/** Calls `exit` once nothing was busy for `idleMs` milliseconds. */
export function exitWhenIdle(idleMs: number, busy: () => boolean, exit: () => void): Disposable {
  let idleSince: number | undefined;
  return every(Math.min(1_000, idleMs), () => {
    if (busy()) {
      idleSince = undefined;
      return;
    }
    idleSince ??= performance.now();
    if (performance.now() - idleSince >= idleMs) exit();
  });
}
