import * as vscode from "vscode";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { commands, editorBuiltIns } from "../contributions/commands.ts";
import { settingsSection } from "../contributions/settings.ts";
import type { Server } from "../state/servers.ts";
import { editorRemedy } from "../state/state-line.ts";
import {
  actionsFor,
  type ErrorAction,
  isWorthSaying,
  placeOf,
  severityOf,
  titleOf,
  wordsOf,
} from "./error-actions.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";

/**
 * Tells the user about an error, with what they can do about it, unless they want no notifications. Doesn't wait
 * for an answer.
 * @param server the server it is about, if it is about one
 */
export function report(error: ErrorShape, services: Pick<Services, "settings">, server?: Server): void {
  if (!isWorthSaying(error) || services.settings().notifications === "off") return;
  void offer(error, actionsFor(error, server !== undefined), server);
}

/** Warns of what a result says beside the result, unless the user wants no notifications. @returns the result */
export function told<R extends { readonly notice?: string | undefined }>(
  result: R,
  services: Pick<Services, "settings">,
): R {
  const { notice } = result;
  if (notice && services.settings().notifications !== "off") void say("warning", editorRemedy(notice));
  return result;
}

/** Shows an error with these actions, and does the one the user picks. */
export async function offer(
  error: ErrorShape,
  actions: readonly ErrorAction[],
  server: Server | undefined,
): Promise<void> {
  const picked = await say(severityOf(error), wordsOf(error), ...actions.map(titleOf));
  const action = actions.find((one) => titleOf(one) === picked);
  if (action) await perform(action, error, server);
}

async function perform(action: ErrorAction, error: ErrorShape, server: Server | undefined): Promise<void> {
  const run = vscode.commands.executeCommand;
  const argument = server && { server };
  switch (action) {
    case "showOutput":
      return run(commands.logs.id, argument);
    case "restart":
      return run(commands.restart.id, argument);
    case "openFile":
      return openPlace(error);
    case "openConfig":
      return run(commands.openConfig.id, argument);
    case "showLog":
      return run(commands.showDaemonLog.id);
    case "reconnect":
      return run(commands.reconnect.id);
    case "restartDaemon":
      return run(commands.restartDaemon.id);
    case "manageTrust":
      return run(editorBuiltIns.manageTrust);
    case "openSettings":
      return run(editorBuiltIns.openSettings, settingsSection);
  }
}

async function openPlace(error: ErrorShape): Promise<void> {
  const place = placeOf(error);
  if (!place) return;
  const position = new vscode.Position((place.line ?? 1) - 1, (place.column ?? 1) - 1);
  await vscode.window.showTextDocument(vscode.Uri.file(place.file), {
    selection: new vscode.Range(position, position),
  });
}
