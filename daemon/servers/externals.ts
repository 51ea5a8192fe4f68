import { runWithDeadline, until } from "../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { Progress } from "../../shared/base/flight.ts";
import type { External } from "../../shared/model/app.ts";
import { configFileName } from "../../shared/model/config-file-name.ts";
import { externalAddress } from "../../shared/model/external-address.ts";
import { sessionName } from "../../shared/model/session-names.ts";
import type { StartResult } from "../../shared/protocol/methods.ts";
import { probeTcp } from "../sessions/probe.ts";
import type { Target } from "../sessions/target.ts";

/** Pause between two attempts to connect, in milliseconds: nothing announces that another host listens. */
const lookEveryMs = 250;
/** How long one attempt may take, in milliseconds; an address that drops packets says nothing at all. */
const attemptMs = 2_000;

/** How an app is waited for that runs elsewhere. */
interface ExternalRequest {
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Waits until what runs elsewhere accepts a connection. Nothing is started, sent or kept.
 * @throws DevlatchError `DEADLINE`, `NOT_RUNNING` for a caller that doesn't wait; the signal's reason
 */
export async function awaitExternal(
  { plan, sandboxId }: Target,
  external: External,
  { wait, timeoutMs, signal, progress }: ExternalRequest,
): Promise<StartResult> {
  const beganAt = performance.now();
  const address = externalAddress(external);
  const there = (inner: AbortSignal) => accepts(external, inner);
  if (!(await there(signal))) {
    signal.throwIfAborted();
    if (!wait) throw silent("NOT_RUNNING", plan.app, external);
    progress("waiting", `Waiting for ${plan.app}: no connection to ${address} yet`);
    const look = (inner: AbortSignal) =>
      until(async () => (await there(inner)) || undefined, { intervalMs: lookEveryMs, signal: inner });
    await runWithDeadline(timeoutMs, `Waiting for ${plan.app}`, look, signal).catch((error: unknown) => {
      throw hasCode(error, "DEADLINE") ? silent("DEADLINE", plan.app, external, error) : error;
    });
  }
  return {
    ...{ outcome: "external", session: sessionName(plan.app), app: plan.app, state: "ready", sandboxId },
    ...{ pid: null, port: external.tcp, url: null, fence: 0, startedAt: Date.now() },
    elapsedMs: Math.round(performance.now() - beganAt),
  };
}

/** What a caller hears who wants to end or restart what runs elsewhere. */
export function notOurs(app: string, external: External): string {
  return `${app} runs elsewhere (${externalAddress(external)}): Devlatch waits for it, and neither starts nor ends it.`;
}

/** Whether a connection is accepted within {@link attemptMs}. */
async function accepts({ host, tcp }: External, signal: AbortSignal): Promise<boolean> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]);
  return (await probeTcp(host, tcp, limited)) !== undefined;
}

function silent(
  code: "DEADLINE" | "NOT_RUNNING",
  app: string,
  external: External,
  cause?: unknown,
): DevlatchError {
  return new DevlatchError(
    code,
    `${app} accepts no connection at ${externalAddress(external)}. It runs elsewhere: Devlatch doesn't start it.`,
    `Start it, or correct "external" of apps.${app} in ${configFileName}.`,
    { data: { app, external }, cause },
  );
}
