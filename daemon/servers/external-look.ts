import type { AppSummary } from "../../shared/model/sandbox.ts";
import type { SeenExternal } from "../../shared/protocol/apps.ts";
import { probeTcp } from "../sessions/probe.ts";

/** How long one look may take, in milliseconds: a person waits for the answer. */
const lookMs = 400;
/** As many are looked at for one question. */
const mostLooks = 20;

/** Which of the apps that run elsewhere accept a connection now. Nothing is sent, and nothing waited for. */
export function lookAtExternals(apps: readonly AppSummary[], signal: AbortSignal): Promise<SeenExternal[]> {
  const looks = apps
    .flatMap(({ app, external }) => (external ? [{ app, ...external }] : []))
    .slice(0, mostLooks)
    .map(async ({ app, host, tcp }) => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(lookMs)]);
      return { app, answers: (await probeTcp(host, tcp, limited)) !== undefined };
    });
  return Promise.all(looks);
}
