import * as vscode from "vscode";
import { toErrorShape } from "../../shared/base/errors.ts";
import type { HealthReport } from "../../shared/model/health.ts";
import type { StatusResult } from "../../shared/protocol/contract.ts";
import { commands } from "../contributions/commands.ts";
import { focusCommand, views } from "../contributions/views.ts";
import { describeStatus, findingsOf } from "./findings.ts";
import { report } from "./report.ts";
import type { Services } from "./services.ts";
import { chooseServer } from "./targets.ts";

/** Shows daemon, sessions, locks and health. */
export async function showStatus(services: Services): Promise<void> {
  const status = await services.connection.request("daemon/status", {});
  await showWithLog("Devlatch", describeStatus(status));
}

/** Shows what is wrong and what to do about it. */
export async function runDoctor(services: Services): Promise<void> {
  const { state, build, logFile } = services;
  const status = await askStatus(services);
  const findings = findingsOf({ status, state: state.current, build, logFile });
  const facts = [...(status ? [describeStatus(status)] : []), `Log: ${logFile}`].join("\n");
  const title = findings.length === 0 ? "Devlatch found nothing wrong." : "Devlatch found:";
  await showWithLog(title, [...findings.map((finding) => `• ${finding}`), "", facts].join("\n").trim());
}

/** Shows the Locks view. */
export async function showLocks(): Promise<void> {
  await vscode.commands.executeCommand(focusCommand("locks"));
}

/** Checks everything now and shows the Health view, which follows by itself. */
export async function checkHealth(services: Services): Promise<HealthReport> {
  const checked = vscode.window.withProgress({ location: { viewId: views.health } }, () =>
    services.connection.request("health/check", {}),
  );
  await vscode.commands.executeCommand(focusCommand("health"));
  return checked;
}

/** Shows a server's output as text. */
export async function showOutput(argument: unknown, services: Services): Promise<void> {
  const question = "Show the output of which server?";
  const nothing = "No server of this workspace has run yet.";
  const fits = ({ session }: { session?: unknown }) => session !== undefined;
  const server = await chooseServer(argument, { question, fits, nothing }, services);
  if (server) await services.outputs.show(server);
}

/** Shows a server's terminal. */
export async function openTerminal(argument: unknown, services: Services): Promise<void> {
  const question = "Open the terminal of which server?";
  const nothing = "No server of this workspace runs.";
  const fits = ({ session }: { session?: unknown }) => session !== undefined;
  const server = await chooseServer(argument, { question, fits, nothing }, services);
  if (server) services.terminals.show(server);
}

/** Opens the daemon's log file. */
export async function showDaemonLog({ logFile }: Services): Promise<void> {
  try {
    await vscode.window.showTextDocument(vscode.Uri.file(logFile));
  } catch {
    void vscode.window.showInformationMessage(`The daemon has written no log yet (${logFile}).`);
  }
}

async function askStatus({ connection, settings }: Services): Promise<StatusResult | undefined> {
  // Looking for what is wrong must not repair it first: no request, so no new daemon, while disconnected.
  if (connection.link.kind === "disconnected") return undefined;
  try {
    return await connection.request("daemon/status", {});
  } catch (error) {
    report(toErrorShape(error), { settings });
    return undefined;
  }
}

async function showWithLog(title: string, detail: string): Promise<void> {
  const close = { title: "Close", isCloseAffordance: true };
  const log = { title: commands.showDaemonLog.title };
  const picked = await vscode.window.showInformationMessage(title, { modal: true, detail }, close, log);
  if (picked === log) await vscode.commands.executeCommand(commands.showDaemonLog.id);
}
