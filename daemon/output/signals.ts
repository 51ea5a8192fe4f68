import type { ErrorPhase, OutputEvent, SourcePlace } from "../../shared/model/output.ts";

/** A line of a server's output, as its thread keeps it. */
export interface Line {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly text: string;
}

/** Who says what recognised lines say. */
export type Tool =
  | "next"
  | "vite"
  | "astro"
  | "metro"
  | "tsc"
  | "webpack"
  | "rspack"
  | "angular"
  | "wrangler"
  | "nuxt"
  | "eleventy"
  | "parcel"
  | "python"
  | "ruby"
  | "esbuild"
  | "nodemon"
  | "node"
  | "concurrently";

/** Where a signal comes from. */
export interface SignalOrigin {
  readonly seq: number;
  readonly time: number;
  readonly source?: string;
}

/** What the output says about a build beside the events that callers get. */
export type Signal =
  | OutputEvent
  /** A request was answered: pages are compiled when they are asked for, so this tells whether one could be. */
  | (SignalOrigin & {
      readonly kind: "served";
      readonly route: string;
      readonly status: number;
      /** When the request came, in milliseconds since the epoch. */
      readonly beganAt: number;
    })
  /** A build or start that ended badly; the errors, where there are any, stand before it. */
  | (SignalOrigin & { readonly kind: "failed"; readonly message: string; readonly tool: Tool })
  /** The program was started again; it says nothing more if all is well. */
  | (SignalOrigin & { readonly kind: "restarted" });

/** What one line by itself says. */
export type Head =
  | { readonly is: "restarted" }
  | { readonly is: "compiling"; readonly tool?: Tool }
  | { readonly is: "compiled"; readonly tool?: Tool; readonly ms?: number; readonly warnings?: number }
  | { readonly is: "served"; readonly route: string; readonly status: number; readonly ms: number }
  | { readonly is: "failed"; readonly tool: Tool; readonly message: string }
  /** Well or badly: errors stand before it. */
  | { readonly is: "finished"; readonly tool: Tool }
  | {
      readonly is: "warning";
      /** Absent where the next line says it. */
      readonly message?: string;
      readonly place?: SourcePlace;
    }
  | {
      readonly is: "error";
      readonly tool?: Tool;
      readonly phase: ErrorPhase;
      /** Absent where a later line says it. */
      readonly message?: string;
      readonly place?: SourcePlace;
    };

/** Recognises what the first line of something says. */
export type Recogniser = (line: string) => Head | undefined;

/** Milliseconds of `12ms`, `1.5s`, `2min`. */
export function toMs(value: string, unit: string): number {
  const factor = unit === "s" ? 1_000 : unit === "min" || unit === "m" ? 60_000 : 1;
  return Math.round(Number(value) * factor);
}
