import { abortable } from "../base/deadline.ts";
import { DevlatchError, hasCode } from "../base/errors.ts";
import { plainText } from "../base/plain-text.ts";
import { randomToken } from "../base/token.ts";
import { meantApps, unnamedApps } from "../operations/apps.ts";
import { type Request, request } from "../operations/operation.ts";
import type { MeantApp } from "../protocol/apps.ts";
import type { MethodName, Result } from "../protocol/methods.ts";
import type { ToolCaller } from "./caller.ts";

/** Where a tool works, and for whom. */
export interface Here {
  /** Absolute. */
  readonly cwd: string;
  readonly caller: ToolCaller;
}

/** What requests of tools take from their caller. */
interface Asker {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly now: number;
  readonly progressToken: string;
  /** Random. */
  readonly callId: string;
  /** Who asks, in words. */
  readonly owner: string;
}

/**
 * Does what an operation, or a step of one, says; tells the caller how far it is. Who cancels the call only leaves: clients
 * give up of themselves after a minute, and what was begun for others, too, goes on.
 * @throws DevlatchError see `request`; the signal's reason
 */
export function ask<I, M extends MethodName>(
  operation: Request<I, Asker, M>,
  input: I,
  here: Here,
): Promise<Result<M>> {
  return abortable(send(operation, input, here), here.caller.signal);
}

/** As {@link ask} for what only looks: a call that is cancelled ends. */
export function look<I, M extends MethodName>(
  operation: Request<I, Asker, M>,
  input: I,
  here: Here,
): Promise<Result<M>> {
  return send(operation, input, here, here.caller.signal);
}

async function send<I, M extends MethodName>(
  operation: Request<I, Asker, M>,
  input: I,
  { cwd, caller }: Here,
  signal?: AbortSignal,
): Promise<Result<M>> {
  const progressToken = randomToken();
  const told = caller.sender.onNotification("start/progress", (one) => {
    if (one.progressToken === progressToken) caller.progress(plainText(one.message));
  });
  try {
    const env = { ...caller.env };
    const asker = { cwd, env, now: Date.now(), progressToken, callId: progressToken, owner: caller.name };
    return await request(operation, input, asker, caller.sender, signal);
  } finally {
    told.dispose();
  }
}

/** All apps that belong together here, what others depend on first. @param of what is to run, or what runs */
export async function appsHere(of: "start" | "running", here: Here): Promise<readonly MeantApp[]> {
  return (await look(meantApps, { names: [], of, dependents: false }, here)).apps;
}

/** The app that is meant: the one that is named, else the only one. @throws DevlatchError `AMBIGUOUS_APP` */
export async function appHere(named: string | undefined, here: Here): Promise<string> {
  if (named !== undefined) return named;
  const [first, ...others] = await unnamedApps((of) => appsHere(of, here));
  if (first !== undefined && others.length === 0) return first;
  const apps = first === undefined ? "no app" : `several apps: ${[first, ...others].join(", ")}`;
  throw new DevlatchError("AMBIGUOUS_APP", `In ${here.cwd} there is ${apps}.`, "Name one with `app`.");
}

/** Says of an end of patience what goes on, in words for an agent. */
export function goingOn(error: unknown, what: string, remedy: string): unknown {
  return hasCode(error, "DEADLINE")
    ? new DevlatchError("DEADLINE", what, remedy, { data: error.data })
    : error;
}
