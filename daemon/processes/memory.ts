import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import { GivingBack } from "./giving-back.ts";
import { loadLibC } from "./libc.ts";

/** When is looked first whether there is something to give back, in milliseconds: starts are over by then. */
const firstLooksMs = [15_000, 30_000];
/** How often afterwards: what follows a start is over after a minute. */
const lookEveryMs = 45_000;

/** What is kept small. */
export interface Keeping {
  /** What is worth a collection, in bytes: more where a process works now and then, for each takes some 50 ms. */
  readonly worthBytes: number;
  /** Called before, for what keeps memory by itself. */
  readonly alsoGiveBack?: () => void;
}

/**
 * Keeps a process that waits most of the time from keeping memory it needed once.
 *
 * V8 lets its young generation grow to 16 MB and more under load, which pays for programs that make much garbage all
 * the time; here it stays as small as it begins. The flag is read whenever V8 thinks of growing (heap/new-spaces.cc,
 * `Grow`), so that it may be set here, however the runtime was launched. What lives on after a start is spread over
 * pages that are mostly garbage, and V8 collects them only when more is asked for, which a process that waits never
 * does: it is told to, where it was started with `runtimeArguments`. It then drops what it compiled and hasn't run for
 * long, too. And the C library keeps what was freed for the next who asks: some 8 MB after the start alone
 * (malloc_trim(3)).
 */
export function keepMemorySmall({ worthBytes, alsoGiveBack }: Keeping): Disposable {
  setFlagsFromString("--semi-space-growth-factor=1");
  const due = new GivingBack(worthBytes);
  let last = timeOf();
  const look = () => {
    const now = timeOf();
    const busy = (now.usedMs - last.usedMs) / (now.atMs - last.atMs);
    last = now;
    if (!due.isDue({ busy, residentBytes: process.memoryUsage.rss() })) return;
    alsoGiveBack?.();
    void giveBack().then(() => due.gave(process.memoryUsage.rss()));
  };
  const scope = new Scope();
  for (const ms of firstLooksMs) {
    const timer = setTimeout(look, ms).unref();
    scope.defer(() => clearTimeout(timer));
  }
  scope.add(every(lookEveryMs, look));
  return scope;
}

/** Processor time, not that of the event loop: on a busy machine that waits for the processor most of its turn. */
function timeOf(): { readonly usedMs: number; readonly atMs: number } {
  const { user, system } = process.cpuUsage();
  return { usedMs: (user + system) / 1000, atMs: performance.now() };
}

async function giveBack(): Promise<void> {
  // What was compiled goes with the second: the first finds that it wasn't run. Else that takes six.
  setFlagsFromString("--bytecode-old-age=1");
  for (const _ of [1, 2]) globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  (await loadLibC())?.trim();
}
