import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { hasCode, toErrorShape } from "../../shared/base/errors.ts";
import type { Finding } from "../../shared/model/doctor.ts";
import type { HealthReport } from "../../shared/model/health.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { commands } from "../contributions/commands.ts";
import { focusCommand, views } from "../contributions/views.ts";
import { roleOf, type Server } from "../state/servers.ts";
import { editorRemedy } from "../state/state-line.ts";
import { describeStatus, findingsOf } from "./findings.ts";
import { fixFindings, isFixable } from "./fix-findings.ts";
import { report } from "./report.ts";
import { askWith, say } from "./say.ts";
import type { Services } from "./services.ts";
import { chooseServer } from "./targets.ts";

/** Shows daemon, sessions, locks and health. */
export async function showStatus(services: Services): Promise<void> {
  const status = await request(operations.status, {}, {}, services.connection);
  await showWithLog("Devlatch", describeStatus(status));
}

/** Shows what is wrong and what to do about it. */
export async function runDoctor(services: Services): Promise<void> {
  const { state, build, logFile } = services;
  const status = await askStatus(services);
  const leftovers = status ? await askLeftovers(services) : [];
  const findings = [
    ...findingsOf({ status, state: state.current, build, logFile }),
    ...leftovers.map(({ summary, remedy }) => `${summary}. ${editorRemedy(remedy ?? "")}`.trim()),
  ];
  const facts = [...(status ? [describeStatus(status)] : []), t("Log: {0}", logFile)].join("\n");
  const title = findings.length === 0 ? t("Devlatch found nothing wrong.") : t("Devlatch found:");
  const detail = [...findings.map((finding) => `• ${finding}`), "", facts].join("\n").trim();
  const fixable = vscode.workspace.isTrusted ? leftovers.filter(isFixable) : [];
  const fix = { title: t("Fix…"), run: () => fixFindings(fixable, services) };
  await showWithLog(title, detail, fixable.length > 0 ? [fix] : []);
}

/** Shows the Locks view. */
export async function showLocks(): Promise<void> {
  await vscode.commands.executeCommand(focusCommand("locks"));
}

/** Checks everything now and shows the Health view, which follows by itself. */
export async function checkHealth(services: Services): Promise<HealthReport> {
  const checked = vscode.window.withProgress({ location: { viewId: views.health } }, () =>
    request(operations.health.requests.check, {}, {}, services.connection),
  );
  await vscode.commands.executeCommand(focusCommand("health"));
  return checked;
}

/** Shows a server's output as text. */
export async function showOutput(argument: unknown, services: Services): Promise<void> {
  const question = t("Show the output of which server?");
  const nothing = t("No server of this workspace has run yet.");
  const fits = (server: Server) => server.session !== undefined || roleOf(server) === "task";
  const server = await chooseServer(argument, { question, fits, nothing }, services);
  if (server) await services.outputs.show(server);
}

/** Shows a server's terminal. */
export async function openTerminal(argument: unknown, services: Services): Promise<void> {
  const question = t("Open the terminal of which server?");
  const nothing = t("No server of this workspace runs.");
  const fits = ({ session }: { session?: unknown }) => session !== undefined;
  const server = await chooseServer(argument, { question, fits, nothing }, services);
  if (server) services.terminals.show(server);
}

/** Opens the daemon's log file. */
export async function showDaemonLog({ logFile }: Services): Promise<void> {
  try {
    await vscode.window.showTextDocument(vscode.Uri.file(logFile));
  } catch {
    void say("information", t("The daemon has written no log yet ({0}).", logFile));
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

/** What is left over; a daemon of another build may not know how to look. */
async function askLeftovers({ connection }: Services): Promise<readonly Finding[]> {
  try {
    return (await connection.request("doctor/examine", {})).findings;
  } catch (error) {
    if (hasCode(error, "UNKNOWN_METHOD")) return [];
    throw error;
  }
}

/** Something that a message offers. */
interface Offer extends vscode.MessageItem {
  run(): unknown;
}

async function showWithLog(title: string, detail: string, offers: readonly Offer[] = []): Promise<void> {
  const close: Offer = { title: t("Close"), isCloseAffordance: true, run: () => {} };
  const log: Offer = {
    title: t("Show Daemon Log"),
    run: () => vscode.commands.executeCommand(commands.showDaemonLog.id),
  };
  const all = [close, ...offers, log];
  const picked = await askWith("information", title, detail, all);
  await picked?.run();
}
