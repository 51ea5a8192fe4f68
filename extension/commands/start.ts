import * as vscode from "vscode";
import { DevlatchError, type ErrorShape, toErrorShape } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import { randomToken } from "../../shared/base/token.ts";
import type { Listener } from "../../shared/model/process.ts";
import { isLive } from "../../shared/model/session-state.ts";
import { request } from "../../shared/operations/operation.ts";
import { type OperationInput, operations } from "../../shared/operations/operations.ts";
import type { StartResult } from "../../shared/protocol/methods.ts";
import { roleOf, type Server } from "../state/servers.ts";
import { openUrl } from "./browser.ts";
import { callerEnvironment } from "./caller-environment.ts";
import { noticeText } from "./notice-text.ts";
import {
  canBeEnded,
  conflictOf,
  describeConsent,
  describeListeners,
  endsForeignProcess,
  type PortConflict,
} from "./port-conflict.ts";
import { report, told } from "./report.ts";
import { ask, say } from "./say.ts";
import type { Services } from "./services.ts";
import { chooseServer, scriptCommandOf } from "./targets.ts";

type Attempt = {
  readonly operation: "start" | "restart";
  readonly wishes: Partial<Omit<OperationInput<"restart">, "app">>;
  /** The processes on the port, where the user agreed to end them. */
  readonly consent?: readonly Listener[];
};

/** Starts a server, or reuses the one that runs. @returns undefined if it failed (said already) or was given up */
export async function start(argument: unknown, services: Services): Promise<StartResult | undefined> {
  const server = await chooseServer(
    argument,
    {
      question: "Start which server?",
      fits: (server) => !isLive(server.state) && roleOf(server) !== "external",
      nothing: "Every server of this workspace runs already.",
    },
    services,
  );
  const command = scriptCommandOf(argument);
  return server && bringUp(server, { operation: "start", wishes: command ? { command } : {} }, services);
}

/** Stops a server if it runs, then starts it. */
export async function restart(argument: unknown, services: Services): Promise<StartResult | undefined> {
  const server = await chooseServer(
    argument,
    {
      question: "Restart which server?",
      fits: ({ state }) => isLive(state) || state.kind === "failed",
      nothing: "No server of this workspace runs.",
    },
    services,
  );
  return server && bringUp(server, { operation: "restart", wishes: {} }, services);
}

/** Tries until it works, fails for good, or the user gives up; every question leads to another attempt. */
export async function bringUp(
  server: Server,
  first: Attempt,
  services: Services,
): Promise<StartResult | undefined> {
  const title = first.operation === "start" ? `Starting ${server.app}` : `Restarting ${server.app}`;
  const outcome = await withProgress(title, cancellation(server), (tell, signal) =>
    tryOnce(server, first, services, tell, signal),
  );
  return goOn(server, first, outcome, services);
}

/** Starts several side by side; a person is asked about one after the other. */
export async function bringUpAll(
  servers: readonly Server[],
  services: Services,
): Promise<readonly (StartResult | undefined)[]> {
  const attempt: Attempt = { operation: "start", wishes: {} };
  const title = `Starting ${servers.map(({ app }) => app).join(", ")}`;
  const outcomes = await withProgress(title, cancellation(), (tell, signal) =>
    Promise.all(
      servers.map(async (server) => {
        const own = (message: string) => tell(`${server.app}: ${message}`);
        return { server, outcome: await tryOnce(server, attempt, services, own, signal) };
      }),
    ),
  );
  const results: (StartResult | undefined)[] = [];
  for (const { server, outcome } of outcomes) results.push(await goOn(server, attempt, outcome, services));
  return results;
}

type Outcome =
  | { readonly kind: "up"; readonly result: StartResult }
  | { readonly kind: "failed"; readonly error: ErrorShape };

/** What follows an attempt. */
async function goOn(
  server: Server,
  attempt: Attempt,
  outcome: Outcome,
  services: Services,
): Promise<StartResult | undefined> {
  if (outcome.kind === "up") {
    announce(outcome.result, services);
    return told(outcome.result, services);
  }
  const next = await nextAttempt(outcome.error, attempt, server, services);
  return next && bringUp(server, next, services);
}

async function tryOnce(
  { app, cwd }: Server,
  { operation, wishes, consent = [] }: Attempt,
  { connection }: Services,
  tell: (message: string) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const progressToken = randomToken();
  const told = connection.onNotification("start/progress", (step) => {
    if (step.progressToken === progressToken) tell(noticeText(step.message));
  });
  try {
    const env = callerEnvironment(process.env);
    const caller = { cwd, env, progressToken, onConflict: "ask", consent } as const;
    const asked = request(operations[operation], { app, ...wishes }, caller, connection, signal);
    return { kind: "up", result: await asked };
  } catch (error) {
    return { kind: "failed", error: toErrorShape(error) };
  } finally {
    told.dispose();
  }
}

/** @param reason why the work ends where the user cancels it */
async function withProgress<T>(
  title: string,
  reason: DevlatchError,
  work: (tell: (message: string) => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, cancelled) => {
    const controller = new AbortController();
    const cancel = cancelled.onCancellationRequested(() => controller.abort(reason));
    try {
      return await work((message) => progress.report({ message }), controller.signal);
    } finally {
      cancel.dispose();
    }
  });
}

function cancellation(server?: Server): DevlatchError {
  const what = server === undefined ? "Starting them" : `Starting ${server.app}`;
  return new DevlatchError("CANCELLED", `${what} was cancelled.`, "Nothing to do.");
}

/** What to try after a failure, as the user decides; undefined ends it. */
async function nextAttempt(
  error: ErrorShape,
  attempt: Attempt,
  server: Server,
  services: Services,
): Promise<Attempt | undefined> {
  const conflict = error.code === "PORT_CONFLICT" ? conflictOf(error) : undefined;
  if (conflict) return askAboutPort(conflict, attempt, server);
  if (error.code === "SESSION_DIFFERS") return askAboutDifferences(error, attempt, server);
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

function announce(result: StartResult, services: Services): void {
  const { notifications, openOnReady } = services.settings();
  const { url } = result;
  if (url !== null && openOnReady && result.outcome === "started") void openUrl(url);
  if (url !== null && notifications === "all") void tell(result, url);
}

async function tell({ app, outcome }: StartResult, url: string): Promise<void> {
  const open = "Open in Browser";
  const words = {
    started: "is ready at",
    reused: "already runs at",
    adopted: "was found running at",
    external: "runs elsewhere, at",
    done: "is done:",
    unchanged: "was done before:",
  }[outcome];
  if ((await say("information", `${app} ${words} ${url}`, open)) === open) await openUrl(url);
}
