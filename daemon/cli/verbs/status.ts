import { existsSync } from "node:fs";
import { hasCode } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { SandboxView } from "../../../shared/model/sandbox.ts";
import type { InDirectory } from "../../../shared/operations/fields.ts";
import { describeRequest, statusRequest } from "../../../shared/operations/look-requests.ts";
import { to } from "../../../shared/operations/operation.ts";
import type { SeenExternal } from "../../../shared/protocol/apps.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import type { Around } from "../status/projects.ts";
import { noDaemonText, type Status, statusText } from "../status/status-text.ts";
import { verb } from "./verb.ts";

const lookAtExternals = to("project/externals", (_: object, { cwd }: InDirectory) => ({ cwd }));

const declared = async () => (await import("../../../shared/operations/daemon.ts")).status;

/** Looking changes nothing: where no daemon runs, none is started. */
export const status = verb(declared, async ({ long, watch }, context) => {
  if (watch) return (await import("../watch/watch-status.ts")).watchStatus(context);
  const found = await look(context);
  if (!found) {
    const data = { daemon: null, sessions: [], locks: [], health: null, runs: [] };
    return { data, text: noDaemonText(existsSync(context.home.sessionsDirectory)) };
  }
  const { result, here, externals } = found;
  const style = { paint: context.output.paint, now: Date.now(), isLong: long ?? false };
  return {
    data: { ...result, here: here ?? null, externals },
    text: statusText(found, style),
  };
});

/** The status of the daemon that runs; undefined if none does. */
export function readStatus(context: Context): Promise<StatusResult | undefined> {
  return whereOneRuns(context, (connection) => context.ask(statusRequest, {}, connection));
}

/** What of the status is about the directory that the caller is in; undefined where no daemon runs. */
export async function lookAround(context: Context): Promise<Around | undefined> {
  const found = await look(context);
  if (!found) return undefined;
  const { result, here, externals } = found;
  const isOwn = ({ sandboxId }: { readonly sandboxId: string }) => sandboxId === here?.sandboxId;
  const runs = (result.runs ?? []).filter(isOwn);
  return { sessions: result.sessions.filter(isOwn), runs, here, externals };
}

/** The status, and what can be started here, asked at once. */
function look(context: Context): Promise<Status | undefined> {
  return whereOneRuns(context, async (connection) => {
    const around = lookHere(connection, context);
    return { result: await context.ask(statusRequest, {}, connection), ...(await around) };
  });
}

/** Nothing where that can't be told now: the rest of the status is of use without it. */
async function lookHere(
  connection: Connection,
  context: Context,
): Promise<{ readonly here: SandboxView | undefined; readonly externals: readonly SeenExternal[] }> {
  const here = await context.ask(describeRequest, {}, connection).catch(() => undefined);
  if (!here?.apps.some(({ external }) => external)) return { here, externals: [] };
  const seen = await context.ask(lookAtExternals, {}, connection).catch(() => ({ externals: [] }));
  return { here, externals: seen.externals };
}

/** One that is lost while it is asked is no proof that none runs: it is looked once more. */
async function whereOneRuns<T>(
  context: Context,
  ask: (connection: Connection) => Promise<T>,
): Promise<T | undefined> {
  const first = await connectionIn(context);
  try {
    return first && (await ask(first));
  } catch (error) {
    if (!hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
  }
  const next = await connectionIn(context);
  return next && ask(next);
}

async function connectionIn(context: Context): Promise<Connection | undefined> {
  try {
    return await context.connect();
  } catch (error) {
    if (hasCode(error, "DAEMON_UNAVAILABLE")) return undefined;
    throw error;
  }
}
