import { setFlagsFromString } from "node:v8";
import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import { loadLibC } from "./libc.ts";

/** When what the start needed isn't needed any more, in milliseconds: V8 has collected it by then. */
const afterStartMs = 15_000;
/** How often memory is given back later, in milliseconds. */
const everyMs = 10 * 60_000;

/**
 * Keeps a process that waits most of the time from keeping memory it needed once.
 *
 * V8 lets its young generation grow to 16 MB and more under load, which pays for programs that make much garbage all
 * the time; here it stays as small as it begins. The flag is read whenever V8 thinks of growing (heap/new-spaces.cc,
 * `Grow`), so that it may be set here, however the runtime was launched. And the C library keeps what was freed for the
 * next who asks: some 8 MB after the start alone (malloc_trim(3)).
 */
export function keepMemorySmall(): Disposable {
  setFlagsFromString("--semi-space-growth-factor=1");
  const scope = new Scope();
  const giveBack = () => void loadLibC().then((libc) => libc?.trim());
  const first = setTimeout(giveBack, afterStartMs).unref();
  scope.defer(() => clearTimeout(first));
  scope.add(every(everyMs, giveBack));
  return scope;
}
