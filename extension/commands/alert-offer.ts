import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { Alert, AlertAction } from "../../shared/model/alert.ts";
import { commands, editorBuiltIns } from "../contributions/commands.ts";
import { settingsSection } from "../contributions/settings.ts";
import { editorRemedy } from "../state/state-line.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";
import { snooze } from "./silence.ts";

function titleOf({ kind }: AlertAction): string {
  const titles: Readonly<Record<AlertAction["kind"], string>> = {
    "show-output": t("Show Output"),
    restart: t("Restart"),
    stop: t("Stop"),
    wait: t("Wait"),
    "free-port": t("Free Port…"),
    "break-lock": t("Break Lock…"),
    "show-locks": t("Show Locks"),
    "show-health": t("Show Health"),
    "open-settings": t("Open Settings"),
  };
  return titles[kind];
}

/** Tells the user of an alert, and does what they pick of what can be done about it. */
export async function offerAlert(alert: Alert, services: Services): Promise<void> {
  const { severity, title, message, remedy, actions } = alert;
  const worth = severity === "critical" ? "error" : "warning";
  const canWait = actions.some(({ kind }) => kind === "wait");
  const offered = actions.slice(0, canWait ? 3 : 2);
  const words = [`${title}.`, message, editorRemedy(remedy)].filter(Boolean).join(" ");
  const snoozing = t("Snooze…");
  const buttons = [...offered.map(titleOf), ...(canWait ? [] : [snoozing])];
  const picked = await say(worth, words, ...buttons);
  if (picked === snoozing) return snooze(alert, services);
  const action = offered.find((one) => titleOf(one) === picked);
  if (action) await perform(action);
}

async function perform(action: AlertAction): Promise<void> {
  const run = vscode.commands.executeCommand;
  switch (action.kind) {
    case "show-output":
      return run(commands.logs.id, { app: action.app, cwd: action.cwd });
    case "restart":
      return run(commands.restart.id, { app: action.app, cwd: action.cwd });
    case "stop":
      return run(commands.stop.id, { app: action.app, cwd: action.cwd });
    case "wait":
      return;
    case "free-port":
      return run(commands.freePort.id, { port: action.port });
    case "break-lock":
      return run(commands.breakLock.id, { lock: action.key });
    case "show-locks":
      return run(commands.locks.id);
    case "show-health":
      return run(commands.health.id);
    case "open-settings":
      return run(editorBuiltIns.openSettings, settingsSection);
  }
}
