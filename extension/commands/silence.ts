import * as vscode from "vscode";
import type { Alert } from "../../shared/model/alert.ts";
import type { Services } from "./services.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Silences an alert for a while, or its kind until that is turned on again. @param argument a row of the Health view */
export async function snoozeAlert(argument: unknown, services: Services): Promise<void> {
  const id = alertOfRow(argument);
  const { alerts } = services.state.current.board;
  const alert = id === undefined ? await pickAlert(alerts) : alerts.find((one) => one.id === id);
  if (alert) await snooze(alert, services);
}

export async function snooze({ id, kind, title }: Alert, { connection }: Services): Promise<void> {
  const times = [
    { label: "10 Minutes", forMs: 10 * minuteMs },
    { label: "1 Hour", forMs: hourMs },
    { label: "1 Day", forMs: 24 * hourMs },
  ];
  const off = { label: `Turn Off All Alerts About ${subjects[kind]}`, forMs: undefined };
  const picked = await vscode.window.showQuickPick([...times, off], {
    placeHolder: `Snooze "${title}" for how long?`,
  });
  if (!picked) return;
  if (picked.forMs !== undefined) await connection.request("alerts/snooze", { id, forMs: picked.forMs });
  else await connection.request("alerts/mute", { kind, muted: true });
}

const subjects: Readonly<Record<Alert["kind"], string>> = {
  server: "Servers",
  lock: "Locks",
  health: "Health",
};

/** Silences all alerts in all windows, e.g. while presenting; asked for once more it offers to end that. */
export async function pauseNotifications(services: Services): Promise<void> {
  const { connection, pause, state } = services;
  const { pause: present, muted } = state.current.board;
  const isPaused = present.kind !== "none";
  const items = [
    ...(isPaused ? [{ label: "Resume Now", run: () => pause.resume() }] : []),
    { label: "For 1 Hour", run: () => connection.request("alerts/pause", { forMs: hourMs }) },
    { label: "Until This Window Restarts", run: () => pause.begin() },
    ...muted.map((kind) => ({
      label: `Turn Alerts About ${subjects[kind]} On Again`,
      run: () => connection.request("alerts/mute", { kind, muted: false }),
    })),
  ];
  const placeHolder = isPaused
    ? "Notifications are paused."
    : "Pause notifications of all windows for how long?";
  const picked = await vscode.window.showQuickPick(items, { placeHolder });
  await picked?.run();
}

async function pickAlert(alerts: readonly Alert[]): Promise<Alert | undefined> {
  if (alerts.length === 0) {
    void vscode.window.showInformationMessage("Nothing is wrong.");
    return undefined;
  }
  const items = alerts.map((alert) => ({ label: alert.title, detail: alert.message, alert }));
  return (await vscode.window.showQuickPick(items, { placeHolder: "Snooze which alert?" }))?.alert;
}

function alertOfRow(argument: unknown): string | undefined {
  if (typeof argument !== "object" || argument === null || !("alert" in argument)) return undefined;
  return String(argument.alert); // rows are ours: see ViewNode
}
