import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Link } from "../../shared/client/live-client.ts";
import { commands } from "../contributions/commands.ts";
import { type SettingName, settingsSection } from "../contributions/settings.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";
import { StoreNotice } from "./store-notice.ts";
import { tellError } from "./tell-error.ts";

const redisUrl: SettingName = "redisUrl";

/**
 * A daemon keeps the store it was started with: where the window is set to another, its user is told so, and offered a
 * new daemon.
 */
export function watchStoreSetting(services: Services): Disposable {
  const { connection } = services;
  const scope = new Scope();
  const notice = new StoreNotice();
  const check = (link: Link) => {
    const error = notice.of(link);
    if (error) void tellError(error, services);
  };
  scope.add(connection.onLinkChanged(check));
  check(connection.link);
  scope.add(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration(`${settingsSection}.${redisUrl}`)) return;
      // Set to a Redis, the window looks whether the daemon uses that; without, it takes what runs.
      if (services.settings().redisUrl !== "") connection.reconnect();
      else void offerRestart();
    }),
  );
  return scope;
}

async function offerRestart(): Promise<void> {
  const restart = t("Restart Daemon");
  const text = t("The daemon uses another store once it is started anew. Servers go on running.");
  if ((await say("information", text, restart)) !== restart) return;
  await vscode.commands.executeCommand(commands.restartDaemon.id);
}
