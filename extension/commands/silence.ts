import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { Alert } from "../../shared/model/alert.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import { alertOf } from "../state/alerts.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";
import { serverOfRow } from "./targets.ts";

const hourMs = 3_600_000;
const { snooze: snoozeFor, mute, unmute } = operations.alerts.requests;

/**
 * Silences an alert for a while, or its kind until that is turned on again. @param argument a row of the Health or the
 * Servers view
 */
export async function snoozeAlert(argument: unknown, services: Services): Promise<void> {
  const { current } = services.state;
  const server = serverOfRow(argument);
  const id = server ? (alertOf(current, server.key)?.id ?? "none") : alertOfRow(argument);
  const { alerts } = current.board;
  const alert = id === undefined ? await pickAlert(alerts) : alerts.find((one) => one.id === id);
  if (alert) await snooze(alert, services);
  else if (id !== undefined) void say("information", t("There is no alert about it any more."));
}

export async function snooze({ id, kind, title }: Alert, { connection }: Services): Promise<void> {
  const times = [
    { label: t("10 Minutes"), time: "10m" },
    { label: t("1 Hour"), time: "1h" },
    { label: t("1 Day"), time: "1d" },
  ];
  const off = { label: offWords(kind), time: undefined };
  const picked = await vscode.window.showQuickPick([...times, off], {
    placeHolder: t('Snooze "{0}" for how long?', title),
  });
  if (!picked) return;
  if (picked.time === undefined) await request(mute, { target: kind }, {}, connection);
  else await request(snoozeFor, { target: id, for: picked.time }, {}, connection);
}

function offWords(kind: Alert["kind"]): string {
  const words: Readonly<Record<Alert["kind"], string>> = {
    server: t("Turn Off All Alerts About Servers"),
    lock: t("Turn Off All Alerts About Locks"),
    health: t("Turn Off All Alerts About Health"),
  };
  return words[kind];
}

function onWords(kind: Alert["kind"]): string {
  const words: Readonly<Record<Alert["kind"], string>> = {
    server: t("Turn Alerts About Servers On Again"),
    lock: t("Turn Alerts About Locks On Again"),
    health: t("Turn Alerts About Health On Again"),
  };
  return words[kind];
}

/** Silences all alerts in all windows, e.g. while presenting; asked for once more it offers to end that. */
export async function pauseNotifications(services: Services): Promise<void> {
  const { connection, pause, state } = services;
  const { pause: present, muted } = state.current.board;
  const isPaused = present.kind !== "none";
  const items = [
    ...(isPaused ? [{ label: t("Resume Now"), run: () => pause.resume() }] : []),
    { label: t("For 1 Hour"), run: () => connection.request("alerts/pause", { forMs: hourMs }) },
    { label: t("Until This Window Restarts"), run: () => pause.begin() },
    ...muted.map((kind) => ({
      label: onWords(kind),
      run: () => request(unmute, { target: kind }, {}, connection),
    })),
  ];
  const placeHolder = isPaused
    ? t("Notifications are paused.")
    : t("Pause notifications of all windows for how long?");
  const picked = await vscode.window.showQuickPick(items, { placeHolder });
  await picked?.run();
}

async function pickAlert(alerts: readonly Alert[]): Promise<Alert | undefined> {
  if (alerts.length === 0) {
    void say("information", t("Nothing is wrong."));
    return undefined;
  }
  const items = alerts.map((alert) => ({ label: alert.title, detail: alert.message, alert }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t("Snooze which alert?") }))?.alert;
}

function alertOfRow(argument: unknown): string | undefined {
  if (typeof argument !== "object" || argument === null || !("alert" in argument)) return undefined;
  return String(argument.alert); // rows are ours: see ViewNode
}
