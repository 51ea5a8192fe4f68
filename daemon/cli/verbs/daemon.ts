import { until, withDeadline } from "../../../shared/base/deadline.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { DaemonView } from "../../../shared/model/daemon.ts";
import { daemon as daemonOperation } from "../../../shared/operations/daemon.ts";
import type { Context } from "../context.ts";
import { daemonText, noDaemonText } from "../status/status-text.ts";
import { readStatus } from "./status.ts";
import { type Report, verb } from "./verb.ts";

/** How long a daemon may take to end, in milliseconds. */
const stopTimeoutMs = 15_000;
const pollMs = 25;

export const daemon = verb(daemonOperation, ({ action }, context) => {
  if (action === "start") return startDaemon(context);
  return action === "stop" ? stopDaemon(context) : showDaemon(context);
});

async function startDaemon(context: Context): Promise<Report> {
  const running = await readStatus(context);
  if (running) return startReport("running", "The daemon already runs.", running.daemon, context);
  const connection = await context.ensure();
  const { daemon } = await connection.request("daemon/status", {}, { signal: context.signal });
  return startReport("started", "The daemon was started.", daemon, context);
}

function startReport(outcome: string, said: string, daemon: DaemonView, { output }: Context): Report {
  return { data: { outcome, daemon }, text: `${said}\n${daemonText(daemon, output.paint)}` };
}

async function stopDaemon(context: Context): Promise<Report> {
  try {
    const connection = await context.connect({ anyProtocol: true });
    await connection.request("daemon/stop", {}, { signal: context.signal });
  } catch (error) {
    if (!hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
    return { data: { outcome: "not_running" }, text: "No daemon ran." };
  }
  const signal = withDeadline(stopTimeoutMs, "Stopping the daemon", context.signal);
  await until(() => isGone(context), { intervalMs: pollMs, signal });
  return { data: { outcome: "stopped" }, text: "The daemon was stopped. Servers that run go on." };
}

/** True once nothing answers at its address any more. */
async function isGone(context: Context): Promise<true | undefined> {
  try {
    (await context.connect({ anyProtocol: true })).dispose();
    return undefined;
  } catch (error) {
    if (hasCode(error, "DAEMON_UNAVAILABLE")) return true;
    throw error;
  }
}

async function showDaemon(context: Context): Promise<Report> {
  const result = await readStatus(context);
  if (!result) return { data: { running: false, daemon: null }, text: noDaemonText(false) };
  const { daemon } = result;
  const places = `State: ${daemon.home}\nLog: ${daemon.logFile}`;
  return { data: { running: true, daemon }, text: `${daemonText(daemon, context.output.paint)}\n${places}` };
}
