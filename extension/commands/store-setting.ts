import * as vscode from "vscode";
import type { Disposable } from "../../shared/base/disposable.ts";
import { toErrorShape } from "../../shared/base/errors.ts";
import { type SettingName, settingsSection } from "../contributions/settings.ts";
import { report } from "./report.ts";
import type { Services } from "./services.ts";

const redisUrl: SettingName = "redisUrl";

/** A daemon keeps the store it was started with; whoever changes the setting is offered a new daemon. */
export function offerRestartOnStoreChange(services: Services): Disposable {
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(`${settingsSection}.${redisUrl}`)) void offerRestart(services);
  });
}

async function offerRestart(services: Services): Promise<void> {
  const restart = "Restart Daemon";
  const text = "The daemon uses another store once it is started anew. Servers go on running.";
  if ((await vscode.window.showInformationMessage(text, restart)) !== restart) return;
  try {
    if (services.connection.link.kind === "connected") await services.connection.request("daemon/stop", {});
    services.connection.reconnect();
  } catch (error) {
    report(toErrorShape(error), services);
  }
}
