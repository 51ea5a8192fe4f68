import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { Breaker } from "../resources/breaker.ts";
import type { ResourceSampler } from "../resources/sampler.ts";
import type { Parts } from "./parts.ts";

/** Time a server that uses too much gets beyond its own stop timeout, in milliseconds. */
const stopGraceMs = 30_000;

type Broken = Pick<Parts, "sessions" | "log"> & { readonly resources: Pick<ResourceSampler, "onSampled"> };

/** Stops servers whose processes grow beyond their limits, before they take the machine with them. */
export function stopWhenTooLarge(parts: Broken): Disposable {
  const breaker = new Breaker();
  const { registry } = parts.sessions;
  return parts.resources.onSampled((samples) => {
    for (const { key, launchId, why } of breaker.judge(samples, (one) => registry.peek(one)?.limits)) {
      const record = registry.peek(key);
      if (record?.hosting?.kind === "hosted" && record.hosting.launchId === launchId)
        void stop(parts, record, why);
    }
  });
}

async function stop({ sessions, log }: Broken, record: SessionRecord, why: string): Promise<void> {
  const { sandboxId, app, session } = record;
  const failure = new DevlatchError(
    "LIMIT_EXCEEDED",
    `${session} was stopped: ${why}.`,
    `Look for what it leaks or forks with: devlatch logs ${app}. Or raise "limits" of ${app} in devlatch.json.`,
  );
  const timeoutMs = record.stop.timeoutMs + stopGraceMs;
  const request = { sandboxId, app, yes: false, timeoutMs, reason: `stopped: ${why}`, failure };
  try {
    await sessions.stop({ ...request, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    log.warn({ err: error, session, why }, "a server that uses too much could not be stopped");
  }
}
