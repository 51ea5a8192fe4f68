import { isLoopback } from "../../shared/base/loopback.ts";
import type { AppSummary } from "../../shared/model/sandbox.ts";
import type { SeenExternal } from "../../shared/protocol/apps.ts";
import { probeTcp } from "../sessions/probe.ts";

/** How long one look may take, in milliseconds: a person waits for the answer. */
const lookMs = 400;
/** As many are looked at for one question. */
const mostLooks = 20;

/**
 * Which of the apps that run elsewhere on this machine accept a connection now. Nothing is sent, and nothing waited for. Other
 * machines aren't asked: a look at a project must not tell those whom its files name that it was looked at.
 */
export function lookAtExternals(apps: readonly AppSummary[], signal: AbortSignal): Promise<SeenExternal[]> {
  const looks = apps
    .flatMap(({ app, external }) => (external && isLoopback(external.host) ? [{ app, ...external }] : []))
    .slice(0, mostLooks)
    .map(async ({ app, host, tcp }) => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(lookMs)]);
      return { app, answers: (await probeTcp(host, tcp, limited)) !== undefined };
    });
  return Promise.all(looks);
}
