import { abortable, formatMs } from "../../../shared/base/deadline.ts";
import type { ReadyProbe } from "../../../shared/model/app.ts";
import type { Thresholds } from "../../../shared/model/health-thresholds.ts";
import { type ServerUse, serverValue } from "../../../shared/model/server-values.ts";
import type { Check, Reading } from "../check.ts";
import type { Timing } from "../timing.ts";

/** All tries and pauses together. */
const deadlineMs = 9_000;
/**
 * A server that restarts itself is gone for a moment: what looks bad is tried so often, with pauses in milliseconds.
 */
const tries = 3;
const pauseMs = 1_000;
/** How long a server may take to answer, in milliseconds. */
const patienceMs = 2_000;
/** One that compiles may be silent for long; then it hangs. In milliseconds. */
const hungAfterMs = 5 * 60_000;
/** A failed server that wasn't started again for so long is given up, and no news any more. In milliseconds. */
const failedForMs = 60 * 60_000;

/** A server to look at: what health needs of a session. */
export type CheckedServer = {
  /** The session's key. */
  readonly key: string;
  /** What people know it by: the app and its project, `web of shop`. */
  readonly name: string;
} & (
  | { readonly state: "ready"; readonly url: string; readonly ready: ReadyProbe | undefined }
  | {
      readonly state: "failed";
      readonly why: string;
      /** When it failed, in milliseconds since the epoch. */
      readonly since: number;
    }
);

/**
 * What a server said: an HTTP status, 0 where it takes connections and isn't asked for more; `unwellAt`: the path at which
 * that isn't what its configuration calls well.
 */
export type ServerAnswer =
  | { readonly kind: "answer"; readonly status: number; readonly unwellAt?: string }
  /** Nothing listens, or it hangs up. */
  | { readonly kind: "refused" }
  /** Nothing came until the signal aborted. */
  | { readonly kind: "silent" };

export type AskServer = (
  server: Extract<CheckedServer, { state: "ready" }>,
  signal: AbortSignal,
) => Promise<ServerAnswer>;

export interface ServerSources {
  readonly servers: () => readonly CheckedServer[];
  readonly ask: AskServer;
  /** What a server used since about the check before; undefined where that isn't known. */
  readonly used: (key: string) => ServerUse | undefined;
  readonly thresholds: () => Thresholds;
  readonly clock: Timing;
}

type ReadyServer = Extract<CheckedServer, { state: "ready" }>;

/** Every server that says it is ready must answer; a failed one is a warning until it is started again, or given up. */
export function serversCheck(sources: ServerSources): Check {
  return {
    deadlineMs,
    look: async (signal) => {
      const now = sources.clock.epoch();
      const all = sources.servers().filter((one) => one.state === "ready" || now - one.since < failedForMs);
      const looks = await Promise.all(
        all.map((server) => (server.state === "failed" ? failed(server) : lookAt(server, sources, signal))),
      );
      const readings = looks.map(({ reading }) => reading);
      const answering = readings.filter((one) => one.kind === "fact" && one.status === "healthy").length;
      const ready = all.filter(({ state }) => state === "ready").length;
      return {
        readings,
        fine: answering === 1 ? "1 server answers" : `${answering} servers answer`,
        values: Object.assign({ ready, failed: all.length - ready }, ...looks.map(({ values }) => values)),
      };
    },
  };
}

/** What one look found of one server, and what was measured of it. */
interface Look {
  readonly reading: Reading;
  readonly values: Readonly<Record<string, number>>;
}

function failed({ key, name, why }: Extract<CheckedServer, { state: "failed" }>): Look {
  const words = `${name} has failed: ${why}`;
  return { reading: { kind: "fact", id: `server:${key}`, status: "warning", words }, values: {} };
}

async function lookAt(server: ReadyServer, sources: ServerSources, signal: AbortSignal): Promise<Look> {
  const { answer, tookMs } = await lastAnswer(server, sources, signal);
  const { key } = server;
  const used = Object.entries(sources.used(key) ?? {}) as [keyof ServerUse, number][];
  const answered = answer.kind === "answer" ? [["answerMs", tookMs] as const] : [];
  const values = [...used, ...answered].map(([quantity, value]) => [serverValue(quantity, key), value]);
  return { reading: judged(server, answer, sources), values: Object.fromEntries(values) };
}

function judged(server: ReadyServer, answer: ServerAnswer, sources: ServerSources): Reading {
  const { name, url } = server;
  const id = `server:${server.key}`;
  switch (answer.kind) {
    case "refused":
      return { kind: "fact", id, status: "critical", words: `${name} doesn't answer at ${url}` };
    case "silent": {
      const words = `${name} has given no answer for ${formatMs(patienceMs)} at ${url}; it may be busy`;
      const steadiness = { looks: tries, ms: sources.thresholds().confirmMs, criticalAfterMs: hungAfterMs };
      return { kind: "fact", id, status: "warning", words, steadiness };
    }
    case "answer":
      if (answer.unwellAt !== undefined) {
        const words = `${name} answers ${answer.unwellAt} with ${answer.status}`;
        return { kind: "fact", id, status: "warning", words };
      }
      // Where the configuration says which status is well, and it is that one, it may be any.
      if (answer.status < 500 || isNamed(server.ready))
        return { kind: "fact", id, status: "healthy", words: `${name} answers` };
      return { kind: "fact", id, status: "warning", words: `${name} answers with ${answer.status}` };
  }
}

/**
 * Asks again what refuses or fails, a few times: that passes where a server restarts itself.
 * @returns the last answer, and how long it took in milliseconds
 */
async function lastAnswer(
  server: ReadyServer,
  { ask, clock }: ServerSources,
  signal: AbortSignal,
): Promise<{ readonly answer: ServerAnswer; readonly tookMs: number }> {
  for (let attempt = 1; ; attempt++) {
    const askedAt = clock.monotonic();
    const answer = await ask(server, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
    const isBad = answer.kind === "refused" || (answer.kind === "answer" && isUnwell(answer, server.ready));
    if (!isBad || attempt === tries) return { answer, tookMs: clock.monotonic() - askedAt };
    await pauseBy(clock, pauseMs, signal);
  }
}

function isNamed(ready: ReadyProbe | undefined): boolean {
  return ready !== undefined && "http" in ready && ready.status !== undefined;
}

function isUnwell(
  { status, unwellAt }: Extract<ServerAnswer, { kind: "answer" }>,
  ready: ReadyProbe | undefined,
): boolean {
  return unwellAt !== undefined || (status >= 500 && !isNamed(ready));
}

async function pauseBy(clock: Timing, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  try {
    await abortable(promise, signal);
  } finally {
    timer.dispose();
  }
}
