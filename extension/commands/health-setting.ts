import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { type SettingName, settingsSection } from "../contributions/settings.ts";
import type { Services } from "./services.ts";
import { tellError } from "./tell-error.ts";

const healthThresholds: SettingName = "healthThresholds";

/** Tells every daemon this window reaches the user's thresholds, and tells it again when they are changed. */
export function sendHealthThresholds(services: Services): Disposable {
  const { connection } = services;
  const scope = new Scope();
  const send = () => {
    if (connection.link.kind !== "connected" || !vscode.workspace.isTrusted) return;
    sendTo(services).catch((error: unknown) => tellError(error, services));
  };
  scope.add(connection.onLinkChanged(send));
  scope.add(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(`${settingsSection}.${healthThresholds}`)) send();
    }),
  );
  send();
  return scope;
}

/** @throws DevlatchError `INVALID_INPUT` where they make no sense: the usual ones apply */
async function sendTo({ connection, settings }: Services): Promise<void> {
  const { healthThresholds: wanted } = settings();
  if (wanted === null) return void (await connection.request("health/configure", { thresholds: {} }));
  const { sendThresholds } = await import("./send-thresholds.ts");
  await sendThresholds(wanted, connection);
}
