import { t } from "@vscode/l10n";
import { formatMs } from "../../shared/base/deadline.ts";
import { type ErrorShape, toErrorShape } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import { OverBudget, type UnusedServer } from "../../shared/model/budget.ts";
import type { Listener } from "../../shared/model/process.ts";
import { distinct, isSameProcess } from "../../shared/model/process-words.ts";
import { memoryWords } from "../../shared/model/resource-words.ts";
import { request } from "../../shared/operations/operation.ts";
import { type OperationInput, operations } from "../../shared/operations/operations.ts";
import { type Server, serverAt } from "../state/servers.ts";
import { editorRemedy } from "../state/state-line.ts";
import {
  canBeEnded,
  conflictOf,
  describeConsent,
  describeListeners,
  endsForeignProcess,
  holderLine,
  type PortConflict,
  serverAmong,
  whoseItWas,
} from "./port-conflict.ts";
import { report } from "./report.ts";
import { ask } from "./say.ts";
import type { Services } from "./services.ts";
import { takeDown } from "./stop.ts";

/** One try of a start or restart. */
export type Attempt = {
  readonly operation: "start" | "restart";
  readonly wishes: Partial<Omit<OperationInput<"restart">, "app">>;
  /** The processes on the port, where the user agreed to end them. */
  readonly consent?: readonly Listener[];
  /** Whose the server was, said once it is up again. */
  readonly afterwards?: string | undefined;
};

/** What to try after a failure, as the user decides; undefined ends it. */
export async function nextAttempt(
  error: ErrorShape,
  attempt: Attempt,
  server: Server,
  services: Services,
): Promise<Attempt | undefined> {
  const conflict = error.code === "PORT_CONFLICT" ? conflictOf(error) : undefined;
  if (conflict) return askAboutPort(conflict, attempt, server, services);
  if (error.code === "SESSION_DIFFERS") return askAboutDifferences(error, attempt, server);
  if (error.code === "OVER_BUDGET") return askForRoom(error, attempt, services);
  const restarting = attempt.operation === "restart" && !attempt.wishes.yes;
  if (error.code === "CONSENT_REQUIRED" && restarting) return askForConsent(error, attempt);
  report(error, services, server);
  return undefined;
}

async function askAboutPort(
  conflict: PortConflict,
  attempt: Attempt,
  server: Server,
  services: Services,
): Promise<Attempt | undefined> {
  const { port, next } = conflict;
  const listeners = await asSeenFromHere(conflict, services);
  const ours = serverAmong(listeners);
  const other = ours && serverAt(services.state.current, ours);
  const useNext = t("Use Port {0}", next ?? "");
  const end = listeners.length === 1 ? t("End That Process and Start") : t("End Those Processes and Start");
  const stopOther = t("Stop {0} There and Start", ours?.app ?? "");
  const picked = await ask(
    "warning",
    holderLine(port, listeners, server.app),
    describeListeners(listeners),
    ...(next === undefined ? [] : [useNext]),
    ...(canBeEnded(listeners) ? [end] : []),
    ...(other ? [stopOther] : []),
  );
  if (picked === useNext) return { ...attempt, wishes: { ...attempt.wishes, onConflict: "next" } };
  if (picked === end) return { ...attempt, consent: listeners };
  if (picked !== stopOther || !other) return undefined;
  return (await takeDown(other, services)) ? attempt : undefined;
}

/** Who has the port, with a mark at what this window runs in. */
async function asSeenFromHere(
  { port, listeners }: PortConflict,
  { connection }: Services,
): Promise<readonly Listener[]> {
  const seen = await request(operations.port.requests.inspect, { port }, {}, connection).catch(
    () => undefined,
  );
  const found = distinct(seen?.listeners ?? []);
  return listeners.map((one) => found.find((other) => isSameProcess(one, other)) ?? one);
}

async function askAboutDifferences(
  error: ErrorShape,
  attempt: Attempt,
  server: Server,
): Promise<Attempt | undefined> {
  const again = t("Restart");
  const keep = t("Keep the Running One");
  const picked = await ask(
    "warning",
    t("{0} runs with other settings than asked for.", server.app),
    differencesIn(error),
    again,
    keep,
  );
  return picked === again ? { ...attempt, operation: "restart" } : undefined;
}

function differencesIn({ data, message }: ErrorShape): string {
  const differences =
    typeof data === "object" && data !== null && "differences" in data ? data.differences : [];
  return Array.isArray(differences) && differences.length > 0
    ? differences.map((one) => plainText(String(one))).join("\n")
    : message;
}

/** A restart interrupts the others who use the server, or ends a process that was started by hand. */
async function askForConsent(error: ErrorShape, attempt: Attempt): Promise<Attempt | undefined> {
  const end = endsForeignProcess(error) ? t("End It and Start") : t("Restart It");
  const picked = await ask("warning", error.message, describeConsent(error), end);
  if (picked !== end) return undefined;
  return { ...attempt, wishes: { ...attempt.wishes, yes: true }, afterwards: whoseItWas(error) };
}

/** Servers have no memory left for one more: the longest unused one of an agent is offered, never taken. */
async function askForRoom(
  error: ErrorShape,
  attempt: Attempt,
  services: Services,
): Promise<Attempt | undefined> {
  const offer = OverBudget.safeParse(error.data).data?.unused;
  const [stopIt, startIt] = [t("Stop That One and Start"), t("Start All the Same")];
  const buttons = offer ? [stopIt, startIt] : [startIt];
  const picked = await ask(
    "warning",
    error.message,
    offer ? describeUnused(offer) : editorRemedy(error.remedy),
    ...buttons,
  );
  if (picked === startIt) return { ...attempt, wishes: { ...attempt.wishes, overBudget: true } };
  if (picked !== stopIt || !offer) return undefined;
  try {
    await request(operations.stop, { app: offer.app }, { cwd: offer.root }, services.connection);
    return attempt;
  } catch (failure) {
    report(toErrorShape(failure), services);
    return undefined;
  }
}

function describeUnused({ app, root, memoryBytes, unusedMs, startedBy }: UnusedServer): string {
  return [
    t("Unused: {0} of {1}", app, plainText(root)),
    t("Started by: {0}", plainText(startedBy)),
    t("Uses: {0}", memoryWords(memoryBytes)),
    t("Unused for: {0}", formatMs(unusedMs)),
  ].join("\n");
}
