import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { DevlatchError, type ErrorShape, toErrorShape } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import { isLive } from "../../shared/model/session-state.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import type { StartResult } from "../../shared/protocol/methods.ts";
import { roleOf, type Server } from "../state/servers.ts";
import { waitedFor } from "../state/waited-for.ts";
import { announce } from "./announce.ts";
import { callerEnvironment } from "./caller-environment.ts";
import { noticeText } from "./notice-text.ts";
import { told } from "./report.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";
import { type Attempt, nextAttempt } from "./start-questions.ts";
import { chooseServer, scriptCommandOf } from "./targets.ts";

/** Starts a server, or reuses the one that runs. @returns undefined if it failed (said already) or was given up */
export async function start(argument: unknown, services: Services): Promise<StartResult | undefined> {
  const server = await chooseServer(
    argument,
    {
      question: t("Start which server?"),
      fits: (server) => !isLive(server.state) && roleOf(server) !== "external",
      nothing: t("Every server of this workspace runs already."),
    },
    services,
  );
  if (server === undefined) return undefined;
  // A second click while it starts shows the one that runs.
  if (server.state.kind === "starting" || services.starts.has(server.key)) services.terminals.show(server);
  const command = scriptCommandOf(argument);
  const attempt: Attempt = { operation: "start", wishes: command ? { command } : {} };
  return services.starts.run(server.key, () => bringUp(server, attempt, services));
}

/** Stops a server if it runs, then starts it. */
export async function restart(argument: unknown, services: Services): Promise<StartResult | undefined> {
  const server = await chooseServer(
    argument,
    {
      question: t("Restart which server?"),
      fits: ({ state }) => isLive(state) || state.kind === "failed",
      nothing: t("No server of this workspace runs."),
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
  const title = first.operation === "start" ? t("Starting {0}", server.app) : t("Restarting {0}", server.app);
  const outcome = await withProgress(title, cancellation(server), (tell, signal) =>
    tryOnce(server, first, services, tell, signal),
  );
  const result = await goOn(server, first, outcome, services);
  if (result !== undefined && outcome.kind === "up") announce([result], services);
  return result;
}

/** Starts several side by side; a person is asked about one after the other. */
export async function bringUpAll(
  servers: readonly Server[],
  services: Services,
): Promise<readonly (StartResult | undefined)[]> {
  const attempt: Attempt = { operation: "start", wishes: {} };
  const title = t("Starting {0}", servers.map(({ app }) => app).join(", "));
  const outcomes = await withProgress(title, cancellation(), (tell, signal) =>
    Promise.all(
      servers.map(async (server) => {
        const own = (message: string) => tell(`${server.app}: ${message}`);
        return { server, outcome: await tryOnce(server, attempt, services, own, signal) };
      }),
    ),
  );
  // What needs a question is announced by the attempt that follows it.
  announce(
    outcomes.flatMap(({ outcome }) => (outcome.kind === "up" ? [outcome.result] : [])),
    services,
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
    const { afterwards } = attempt;
    if (afterwards !== undefined && services.settings().notifications !== "off")
      void say("information", t("{0} was restarted. {1}", server.app, afterwards));
    return told(outcome.result, services);
  }
  const next = await nextAttempt(outcome.error, attempt, server, services);
  return next && bringUp(server, next, services);
}

async function tryOnce(
  { key, app, cwd }: Server,
  { operation, wishes, consent = [] }: Attempt,
  { connection, state }: Services,
  tell: (message: string) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const progressToken = randomToken();
  const told = connection.onNotification("start/progress", (step) => {
    if (step.progressToken !== progressToken) return;
    tell(noticeText(step.message));
    const waitsFor = waitedFor(step);
    state.noteStart(key, { since, ...(waitsFor === undefined ? {} : { waitsFor }) });
  });
  const since = Date.now();
  state.noteStart(key, { since });
  try {
    const env = callerEnvironment(process.env);
    const caller = { cwd, env, progressToken, onConflict: "ask", consent } as const;
    const asked = request(operations[operation], { app, ...wishes }, caller, connection, signal);
    return { kind: "up", result: await asked };
  } catch (error) {
    return { kind: "failed", error: toErrorShape(error) };
  } finally {
    told.dispose();
    state.noteStart(key, undefined);
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
  const what = server === undefined ? t("Starting them") : t("Starting {0}", server.app);
  return new DevlatchError("CANCELLED", `${what} was cancelled.`, "Nothing to do.");
}
