import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Alert } from "../../shared/model/alert.ts";
import { settingsSection } from "../contributions/settings.ts";
import { noticesDue, occurrence, stands } from "../state/notices.ts";
import type { Services } from "./services.ts";
import { tellError } from "./tell-error.ts";

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
  // Not awaited: a notification may stand for hours. Few windows ever show one, so what that takes is loaded then.
  void import("./alert-offer.ts")
    .then(({ offerAlert }) => offerAlert(alert, services))
    .catch((error: unknown) => tellError(error, services));
}
