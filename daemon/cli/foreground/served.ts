import { DevlatchError, hasCode, toErrorShape } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import { cookieVariable } from "../../../shared/model/marks.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import { request } from "../../../shared/operations/operation.ts";
import { type OperationInput, operations } from "../../../shared/operations/operations.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import type { Aside } from "./aside.ts";
import { presentLaunch } from "./launch-output.ts";
import { leave } from "./leave.ts";
import { meantApp } from "./meant-app.ts";

/** A server that this command stays with. */
export interface Served {
  readonly app: string;
  readonly sandboxId: string;
  readonly outcome: StartResult["outcome"];
  readonly url: string | null;
  /** What is running now; undefined where its output isn't to be had here. */
  readonly launch: string | undefined;
  /** Whether it was started by hand: this start adopted it, or the daemon had before. */
  readonly isByHand: boolean;
  readonly connection: Connection;
  /** What the caller should know of the start, in a sentence. */
  readonly notice: string | undefined;
}

type Started = Omit<Served, "launch" | "isByHand">;

/** What came of asking for a server. */
export type Asked =
  | { readonly kind: "served"; readonly served: Served }
  | { readonly kind: "aside"; readonly aside: Aside }
  /** It was launched, and ended before it could be looked at. */
  | {
      readonly kind: "ended";
      readonly app: string;
      readonly error: unknown;
      readonly connection: Connection;
    };

/** Codes of what hinders Devlatch itself: that is no reason for a script not to work. */
const unable = [
  ...(["DAEMON_UNAVAILABLE", "HOST_FAILED", "INTERNAL", "MALFORMED_MESSAGE"] as const),
  "NETWORK_DIFFERS",
] as const;
/** Times a start is asked for again after its daemon was lost: what that had begun is joined, not begun again. */
const attempts = 3;
/** What is refused by a daemon that runs: to go on beside it would be a second server. */
const refused = ["CANCELLED", "STORE_DIFFERS"] as const;

/**
 * Has the app's server started, or what runs reused. Where Devlatch can't, or this is part of that very server, the command
 * is to be run as it is.
 * @throws DevlatchError as a start does
 */
export async function askFor(input: OperationInput<"dev">, context: Context): Promise<Asked> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askOnce(input, context);
    } catch (error) {
      const isLost = hasCode(error, "DAEMON_UNAVAILABLE") && !context.signal.aborted;
      if (isLost && attempt < attempts) continue;
      if (input.command === undefined || !unable.some((code) => hasCode(error, code))) throw error;
      return { kind: "aside", aside: asideFor(error) };
    }
  }
}

async function askOnce(input: OperationInput<"dev">, context: Context): Promise<Asked> {
  const connection = await context.ensure().catch((error: unknown) => {
    if (input.command === undefined || refused.some((code) => hasCode(error, code))) throw error;
    return asideFor(error);
  });
  if ("kind" in connection) return { kind: "aside", aside: connection };
  const app = await meantApp(input, context, connection);
  if (await isOwn(app, context, connection)) return within(app, input);
  try {
    const started = await start({ ...input, app }, context, connection);
    const launch = await launchOf(started, context);
    const isByHand = launch === undefined && (await wasByHand(started, context));
    return { kind: "served", served: { ...started, launch, isByHand } };
  } catch (error) {
    if (context.signal.aborted) await leaveStart(app, context);
    if (hasCode(error, "EXITED_EARLY")) return { kind: "ended", app, error, connection };
    throw error;
  }
}

/** A start that is interrupted may have gone so far that there is a server to be left. */
async function leaveStart(app: string, context: Context): Promise<void> {
  const line = await leave({ app, stop: "whileUsed" }, context);
  if (line !== undefined) context.output.note(line);
}

async function start(
  input: OperationInput<"dev"> & { readonly app: string },
  context: Context,
  connection: Connection,
): Promise<Started> {
  const { start } = operations.dev.requests;
  const caller = { ...context.caller, app: input.app, progressToken: randomToken() };
  const result = await request(start, input, caller, connection, context.signal);
  const { app, sandboxId, outcome, url, notice } = result;
  return { app, sandboxId, outcome, url, connection, notice };
}

/** What runs now; undefined where its output isn't to be had here. */
async function launchOf({ app, connection }: Started, { cwd, signal }: Context) {
  try {
    return await presentLaunch(connection, { cwd, app }, signal);
  } catch (error) {
    if (hasCode(error, "NOT_RUNNING")) return undefined;
    throw hasCode(error, "UNKNOWN_METHOD") ? olderDaemon() : error;
  }
}

async function wasByHand(started: Started, { signal }: Context): Promise<boolean> {
  if (started.outcome === "adopted") return true;
  const { sessions } = await started.connection.request("daemon/status", {}, { signal });
  const isIt = (one: SessionView) => one.app === started.app && one.sandboxId === started.sandboxId;
  return sessions.some((one) => isIt(one) && one.hosting === "adopted");
}

/** It has started the server by now: to run the command beside it would be a second one. */
function olderDaemon(): DevlatchError {
  return new DevlatchError(
    "PROTOCOL_MISMATCH",
    "The running daemon is of an earlier build, which doesn't know `devlatch dev`.",
    "Stop it with: devlatch daemon stop (servers go on running). Then run this again.",
  );
}

/** Whether this runs as a part of the app's own server: its script, which is only to become the command then. */
async function isOwn(app: string, { env, cwd, signal }: Context, connection: Connection): Promise<boolean> {
  const launch = env[cookieVariable];
  if (!launch) return false;
  return (await connection.request("session/own", { cwd, app, launch }, { signal })).own;
}

function within(app: string, { command }: OperationInput<"dev">): Asked {
  if (command) return { kind: "aside", aside: { kind: "within" } };
  throw new DevlatchError(
    "INVALID_INPUT",
    `The server of ${app} is started by \`devlatch dev\` itself, which says no command.`,
    'Write the command behind --, in the script: "dev": "devlatch dev -- next dev".',
  );
}

function asideFor(error: unknown): Aside {
  return { kind: "unable", why: toErrorShape(error).message };
}
