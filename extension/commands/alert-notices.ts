import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Alert, AlertAction } from "../../shared/model/alert.ts";
import { commands, editorBuiltIns } from "../contributions/commands.ts";
import { settingsSection } from "../contributions/settings.ts";
import { noticesDue, occurrence, stands } from "../state/notices.ts";
import { editorRemedy } from "../state/state-line.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";
import { tellError } from "./tell-error.ts";

const titles: Readonly<Record<AlertAction["kind"], string>> = {
  "show-output": "Show Output",
  restart: "Restart",
  stop: "Stop",
  wait: "Wait",
  "free-port": "Free Port…",
  "break-lock": "Break Lock…",
  "show-locks": "Show Locks",
  "show-health": "Show Health",
  "open-settings": "Open Settings",
};
const snoozing = "Snooze…";

/**
 * Tells the user of alerts: the window they look at does, for all of them. A window that gets the focus tells what
 * still stands and no window has told.
 */
export function announceAlerts(services: Services): Disposable {
  const scope = new Scope();
  const asked = new Set<string>();
  const look = () => {
    const { notifications } = services.settings();
    const attention = { focused: vscode.window.state.focused, notifications };
    for (const alert of noticesDue(services.state.current, attention)) {
      const which = occurrence(alert);
      if (asked.has(which)) continue;
      asked.add(which);
      // Afterwards the daemon knows, and says so in its next state.
      void tell(alert, services).finally(() => asked.delete(which));
    }
  };
  scope.add(services.state.onChanged(look));
  scope.add(vscode.window.onDidChangeWindowState(look));
  scope.add(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(settingsSection)) look();
    }),
  );
  look();
  return scope;
}

/** Never rejects: what the daemon can't be asked now is asked when it is back, as the alert still is to be told. */
async function tell(alert: Alert, services: Services): Promise<void> {
  const { id, since } = alert;
  try {
    const { taken } = await services.connection.request("alerts/take", { id, since });
    if (!taken || !stands(services.state.current, alert)) return;
  } catch {
    return;
  }
  // Not awaited: a notification may stand for hours.
  void offer(alert, services).catch((error: unknown) => tellError(error, services));
}

async function offer(alert: Alert, services: Services): Promise<void> {
  const { severity, title, message, remedy, actions } = alert;
  const worth = severity === "critical" ? "error" : "warning";
  const canWait = actions.some(({ kind }) => kind === "wait");
  const offered = actions.slice(0, canWait ? 3 : 2);
  const words = [`${title}.`, message, editorRemedy(remedy)].filter(Boolean).join(" ");
  const buttons = [...offered.map(({ kind }) => titles[kind]), ...(canWait ? [] : [snoozing])];
  const picked = await say(worth, words, ...buttons);
  if (picked === snoozing) return (await import("./silence.ts")).snooze(alert, services);
  const action = offered.find(({ kind }) => titles[kind] === picked);
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
