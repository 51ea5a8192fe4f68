import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import { Breaker } from "./breaker.ts";
import type { ResourceSampler } from "./sampler.ts";

/** The servers that are watched. */
export interface LimitedServers {
  /** The record of the session with this key. */
  peek(key: string): SessionRecord | undefined;
  /** Stops it. @param why for its thread @param failure what its record says then */
  stop(record: SessionRecord, why: string, failure: DevlatchError): Promise<unknown>;
}

/** Stops servers whose processes grow beyond their limits, before they take the machine with them. */
export function stopWhenTooLarge(
  servers: LimitedServers,
  resources: Pick<ResourceSampler, "onSampled">,
  log: Log,
): Disposable {
  const breaker = new Breaker();
  return resources.onSampled((samples) => {
    for (const { key, launchId, why } of breaker.judge(samples, (one) => servers.peek(one)?.limits)) {
      const record = servers.peek(key);
      if (record?.hosting?.kind !== "hosted" || record.hosting.launchId !== launchId) continue;
      servers.stop(record, `stopped: ${why}`, tooLarge(record, why)).catch((error: unknown) => {
        const { session } = record;
        log.warn({ err: error, session, why }, "a server that uses too much could not be stopped");
      });
    }
  });
}

function tooLarge({ session, app }: SessionRecord, why: string): DevlatchError {
  return new DevlatchError(
    "LIMIT_EXCEEDED",
    `${spokenSession(session)} was stopped: ${why}.`,
    `Look for what it leaks or forks with: devlatch logs ${app}. Or raise "limits" of ${app} in devlatch.json.`,
  );
}
