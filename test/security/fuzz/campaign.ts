import { Worker } from "node:worker_threads";
import { hasCode } from "../../../shared/base/errors.ts";
import { cpuMs } from "../../support/cpu.ts";
import { randomFrom } from "../../support/random.ts";
import { type Decoder, decoders } from "./decoders.ts";
import { inputFrom } from "./inputs.ts";

/** Most CPU time one input of 64 KB may take, in milliseconds. */
const patienceMs = 4_000;
/** When a decoder counts as hanging, in milliseconds: nothing else would tell which input it was. */
const hangsMs = 60_000;
/** What is understood of an input may be so much longer than it, in characters. */
const growth = 64;

/** A decoder did with an input what it must not. */
export interface Fault {
  readonly decoder: string;
  readonly round: number;
  readonly what: string;
  /** The input's beginning. */
  readonly input: string;
}

export interface Figures {
  readonly inputs: number;
  readonly bytes: number;
  /** The most CPU time of each decoder for one input, in milliseconds. */
  readonly slowest: ReadonlyMap<string, number>;
  readonly faults: readonly Fault[];
}

/** How long it goes on: a time, of which a busy machine makes fewer inputs, or a number of rounds. */
export type Extent = { readonly seconds: number } | { readonly rounds: number };

/**
 * Gives every decoder inputs in turn. An input depends on seed, decoder and round alone.
 * @param extent at least one round is made
 */
export async function campaign(extent: Extent, seed: number): Promise<Figures> {
  const begun = performance.now();
  const goesOn = (round: number) =>
    "rounds" in extent ? round < extent.rounds : performance.now() < begun + extent.seconds * 1_000;
  const watch = watchdog();
  const faults = new Map<string, Fault>();
  const slowest = new Map<string, number>();
  let inputs = 0;
  let bytes = 0;
  for (let round = 0; round === 0 || goesOn(round); round++) {
    for (const [index, decoder] of decoders.entries()) {
      const input = inputFrom(decoder.seeds, randomFrom(seed * 1_000_003 + round * 131 + index));
      watch.at(`${decoder.name}, round ${round}, seed ${seed}`);
      let what: string | undefined;
      const tookMs = await cpuMs(async () => {
        what = await faultOf(decoder, input);
      });
      if (tookMs > patienceMs) what ??= `took ${Math.round(tookMs)} ms for ${input.length} bytes`;
      slowest.set(decoder.name, Math.max(slowest.get(decoder.name) ?? 0, tookMs));
      inputs += 1;
      bytes += input.length;
      const fault = {
        decoder: decoder.name,
        round,
        input: JSON.stringify(input.toString("latin1").slice(0, 200)),
      };
      // One of each kind is enough to read.
      if (what !== undefined) faults.set(`${decoder.name} ${what.split(/[ :]/, 1)[0]}`, { ...fault, what });
    }
  }
  await watch.end();
  return { inputs, bytes, slowest, faults: [...faults.values()] };
}

async function faultOf({ decode }: Decoder, input: Buffer): Promise<string | undefined> {
  try {
    const understood = await decode(input);
    const length =
      JSON.stringify(understood, (_, value) => (typeof value === "bigint" ? String(value) : value))?.length ??
      0;
    if (length > input.length * growth + 100_000) return `made ${length} characters of ${input.length} bytes`;
  } catch (error) {
    // Its own kind of refusal.
    if (!hasCode(error))
      return error instanceof Error
        ? (error.stack ?? error.message).split("\n").slice(0, 4).join(" ")
        : String(error);
  }
  return undefined;
}

/** Says which input it is that never ends, and ends the process: the thread that hangs can't. */
function watchdog(): { at(what: string): void; end(): Promise<number> } {
  const shared = new Uint8Array(new SharedArrayBuffer(300));
  const source = `
    const { workerData: { shared, hangsMs, pid } } = require("node:worker_threads");
    let last = "", since = Date.now();
    setInterval(() => {
      const now = Buffer.from(shared).toString().replaceAll("\\0", "");
      if (now !== last) { last = now; since = Date.now(); }
      else if (Date.now() - since > hangsMs) {
        require("node:fs").writeSync(2, "hangs: " + now + "\\n");
        process.kill(pid, "SIGKILL");
      }
    }, 500);`;
  const worker = new Worker(source, { eval: true, workerData: { shared, hangsMs, pid: process.pid } });
  worker.unref();
  return {
    at: (what) => {
      shared.fill(0);
      shared.set(Buffer.from(what).subarray(0, 300));
    },
    end: () => worker.terminate(),
  };
}
