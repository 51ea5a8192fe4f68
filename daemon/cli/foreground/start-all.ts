import { randomToken } from "../../../shared/base/token.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import { request } from "../../../shared/operations/operation.ts";
import { type OperationInput, operations } from "../../../shared/operations/operations.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import { type Left, leave } from "./leave.ts";

/** How servers are to be brought up. */
type Wishes = Pick<OperationInput<"with">, "timeout" | "onConflict">;

/**
 * Brings up several servers side by side, and all or none: where one can't be had, those that this started are left again.
 * Names that nothing here goes by come first, so that a misspelt one is noticed before anything runs.
 * @throws DevlatchError why the first one that failed did
 */
export async function startAll(
  apps: readonly string[],
  wishes: Wishes,
  context: Context,
): Promise<readonly StartResult[]> {
  const connection = await context.ensure();
  const here = await context.ask(operations.detect.requests.directory, {}, connection);
  const isKnown = (name: string) => here.apps.some(({ app }) => app === name);
  const started: StartResult[] = [];
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const begin = async (app: string) => {
    const result = await startOne(app, wishes, context, connection, signal);
    started.push(result);
  };
  try {
    for (const app of apps.filter((one) => !isKnown(one))) await begin(app);
    await allOf(apps.filter(isKnown).map(begin), (error) => failed.abort(error));
    return started;
  } catch (error) {
    // How far the others came isn't known; what ran before them was launched otherwise, as a rule.
    const others = apps.filter((app) => !started.some((one) => one.app === app));
    for (const app of others) await leaveOne({ app, stop: "whileUsed" }, context);
    await leaveAll(started, context);
    throw error;
  }
}

/** Leaves servers, in the reverse order: those that this started end, unless others use them. */
export async function leaveAll(results: readonly StartResult[], context: Context): Promise<void> {
  for (const { app, outcome } of [...results].reverse())
    await leaveOne({ app, stop: outcome === "started" ? "any" : "none" }, context);
}

async function leaveOne(left: Left, context: Context): Promise<void> {
  const line = await leave(left, context);
  if (left.stop !== "none" && line !== undefined) context.output.note(context.output.paintError("dim", line));
}

async function startOne(
  app: string,
  wishes: Wishes,
  context: Context,
  connection: Connection,
  signal: AbortSignal,
): Promise<StartResult> {
  const caller = { ...context.caller, app, progressToken: randomToken() };
  const progress = context.output.progress();
  const subscription = connection.onNotification("start/progress", ({ progressToken, message }) => {
    if (progressToken === caller.progressToken) progress.phase(`${app}: ${message}`);
  });
  try {
    const result = await request(operations.with.requests.start, wishes, caller, connection, signal);
    if (result.notice) context.output.note(result.notice);
    return result;
  } finally {
    subscription.dispose();
    progress.done();
  }
}

/** Waits for all of them to be over. @throws what the first failure was, which `onFailure` is told at once */
async function allOf(all: readonly Promise<void>[], onFailure: (error: unknown) => void): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    all.map((one) =>
      one.catch((error: unknown) => {
        if (failures.push(error) === 1) onFailure(error);
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}
