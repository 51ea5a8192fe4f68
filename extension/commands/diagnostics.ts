import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { locateHome } from "../../shared/client/home.ts";
import { readJournalAlone } from "../../shared/client/launch.ts";
import { collectDiagnostics } from "../../shared/diagnostics/collect.ts";
import { defaultFile, writeBundle } from "../../shared/diagnostics/write.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";

/** Writes a redacted file for a bug report and opens it, so that the user sees what is in it. Sends nothing. */
export async function showDiagnostics({ connection, settings, build, script }: Services): Promise<string> {
  const home = locateHome();
  const file = defaultFile(home, new Date());
  // Looking for what is wrong must not repair it first: no request, so no new daemon, while disconnected.
  const { link } = connection;
  const reachable =
    link.kind === "disconnected"
      ? { unreachable: link.error }
      : { request: connection.request.bind(connection) };
  const text = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t("Devlatch collects diagnostics") },
    () =>
      collectDiagnostics({
        home,
        cwds: vscode.workspace.workspaceFolders?.map(({ uri }) => uri.fsPath) ?? [],
        by: `extension ${build} in ${vscode.env.appName} ${vscode.version}`,
        env: process.env,
        settings: { ...settings() },
        ...reachable,
        readJournal: (limit) => readJournalAlone({ script }, home, limit),
        findings: [],
        withOutput: false,
      }),
  );
  writeBundle(file, text);
  await vscode.window.showTextDocument(vscode.Uri.file(file));
  void say(
    "information",
    t(
      "This file can be attached to a bug report. Secrets, environment values and names of users and machines were taken out, and it was sent nowhere. Look through it before you pass it on.",
    ),
  );
  return file;
}
