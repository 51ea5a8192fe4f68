import type { SessionRecord } from "../../shared/model/session.ts";
import type { AskServer } from "../health/checks/servers.ts";
import type { HealthSources } from "../health/create.ts";
import { effectiveLimits } from "../resources/breaker.ts";
import type { ResourceSampler } from "../resources/sampler.ts";
import { type Answer, probeHttp, probeTcp } from "../sessions/probe.ts";
import type { SessionService } from "../sessions/service.ts";
import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";

type HealthMethods = "health/check" | "health/history" | "health/configure";

export function healthHandlers({ health }: Parts): Pick<Handlers, HealthMethods> {
  return {
    "health/check": () => health.check(),
    "health/history": async (request) => health.history(request),
    "health/configure": async ({ thresholds }) => {
      health.configure(thresholds);
      return {};
    },
  };
}

/** What the health checks look at of this machine's sessions. */
export function sessionSources(
  sessions: SessionService,
  resources: ResourceSampler,
  machineId: string,
): Pick<HealthSources, "sessions" | "isHere" | "askServer" | "trees" | "onTreesSampled"> {
  return {
    sessions: () => sessions.registry.all(),
    isHere: ({ hosting }: SessionRecord) => hosting === undefined || hosting.machineId === machineId,
    askServer,
    trees: () =>
      sessions.trees().flatMap(({ key, session }) => {
        const used = resources.latest(key);
        const most = effectiveLimits(sessions.registry.peek(key)?.limits);
        return used === undefined ? [] : [{ key, session, used, most }];
      }),
    onTreesSampled: resources.onSampled,
  };
}

/** Asks a server as its start did: at the configured path, or whether it takes a connection. */
const askServer: AskServer = async ({ url, ready }, signal) => {
  const { hostname, port } = new URL(url);
  const address = hostname.replace(/[[\]]/g, "");
  const answer = await answerOf(address, Number(port), ready, signal);
  if (answer !== undefined) return { kind: "answer", status: answer.status ?? 0 };
  return { kind: signal.aborted ? "silent" : "refused" };
};

async function answerOf(
  address: string,
  port: number,
  ready: SessionRecord["ready"],
  signal: AbortSignal,
): Promise<Answer | undefined> {
  if (ready && "tcp" in ready) return probeTcp(address, port, signal);
  const answer = await probeHttp(address, port, ready && "http" in ready ? ready.http : "/", signal);
  // What is told ready by its output need not speak HTTP.
  return (
    answer ?? (ready && "pattern" in ready && !signal.aborted ? probeTcp(address, port, signal) : undefined)
  );
}
