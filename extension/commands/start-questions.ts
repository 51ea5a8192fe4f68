import { formatMs } from "../../shared/base/deadline.ts";
import { type ErrorShape, toErrorShape } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import { OverBudget, type UnusedServer } from "../../shared/model/budget.ts";
import type { Listener } from "../../shared/model/process.ts";
import { memoryWords } from "../../shared/model/resource-words.ts";
import { request } from "../../shared/operations/operation.ts";
import { type OperationInput, operations } from "../../shared/operations/operations.ts";
import type { Server } from "../state/servers.ts";
import {
  canBeEnded,
  conflictOf,
  describeConsent,
  describeListeners,
  endsForeignProcess,
  type PortConflict,
} from "./port-conflict.ts";
import { report } from "./report.ts";
import { ask } from "./say.ts";
import type { Services } from "./services.ts";

/** One try of a start or restart. */
export type Attempt = {
  readonly operation: "start" | "restart";
  readonly wishes: Partial<Omit<OperationInput<"restart">, "app">>;
  /** The processes on the port, where the user agreed to end them. */
  readonly consent?: readonly Listener[];
};

/** What to try after a failure, as the user decides; undefined ends it. */
export async function nextAttempt(
  error: ErrorShape,
  attempt: Attempt,
  server: Server,
  services: Services,
): Promise<Attempt | undefined> {
  const conflict = error.code === "PORT_CONFLICT" ? conflictOf(error) : undefined;
  if (conflict) return askAboutPort(conflict, attempt, server);
  if (error.code === "SESSION_DIFFERS") return askAboutDifferences(error, attempt, server);
  if (error.code === "OVER_BUDGET") return askForRoom(error, attempt, services);
  const restarting = attempt.operation === "restart" && !attempt.wishes.yes;
  if (error.code === "CONSENT_REQUIRED" && restarting) return askForConsent(error, attempt);
  report(error, services, server);
  return undefined;
}

async function askAboutPort(
  { port, listeners }: PortConflict,
  attempt: Attempt,
  server: Server,
): Promise<Attempt | undefined> {
  const next = "Use Next Free Port";
  const end = listeners.length === 1 ? "End That Process and Start" : "End Those Processes and Start";
  const picked = await ask(
    "warning",
    `Port ${port}, which ${server.app} wants, is in use.`,
    describeListeners(listeners),
    next,
    ...(canBeEnded(listeners) ? [end] : []),
  );
  if (picked === next) return { ...attempt, wishes: { ...attempt.wishes, onConflict: "next" } };
  return picked === end ? { ...attempt, consent: listeners } : undefined;
}

async function askAboutDifferences(
  error: ErrorShape,
  attempt: Attempt,
  server: Server,
): Promise<Attempt | undefined> {
  const again = "Restart";
  const keep = "Keep the Running One";
  const picked = await ask(
    "warning",
    `${server.app} runs with other settings than asked for.`,
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
  const end = endsForeignProcess(error) ? "End It and Start" : "Restart It";
  const picked = await ask("warning", error.message, describeConsent(error), end);
  return picked === end ? { ...attempt, wishes: { ...attempt.wishes, yes: true } } : undefined;
}

/** Servers have no memory left for one more: the longest unused one of an agent is offered, never taken. */
async function askForRoom(
  error: ErrorShape,
  attempt: Attempt,
  services: Services,
): Promise<Attempt | undefined> {
  const offer = OverBudget.safeParse(error.data).data?.unused;
  const [stopIt, startIt] = ["Stop That One and Start", "Start All the Same"];
  const buttons = offer ? [stopIt, startIt] : [startIt];
  const picked = await ask(
    "warning",
    error.message,
    offer ? describeUnused(offer) : error.remedy,
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
    `Unused: ${app} of ${plainText(root)}`,
    `Started by: ${plainText(startedBy)}`,
    `Uses: ${memoryWords(memoryBytes)}`,
    `Unused for: ${formatMs(unusedMs)}`,
  ].join("\n");
}
