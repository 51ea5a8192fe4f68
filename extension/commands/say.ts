import * as vscode from "vscode";
import { detailText, noticeText } from "./notice-text.ts";

/** How bad it is what a message says. */
export type Severity = "information" | "warning" | "error";

function shower(severity: Severity) {
  const { showInformationMessage, showWarningMessage, showErrorMessage } = vscode.window;
  return { information: showInformationMessage, warning: showWarningMessage, error: showErrorMessage }[
    severity
  ];
}

/**
 * Shows a notification. The only way to show one: what others wrote (output, file names, errors) is made plain.
 * @returns the button that was pressed
 */
export function say(
  severity: Severity,
  text: string,
  ...buttons: readonly string[]
): Thenable<string | undefined> {
  return shower(severity)(noticeText(text), ...buttons);
}

/**
 * Asks in a dialog that the user has to answer.
 * @param detail shown below the question, several lines
 * @returns the button that was pressed; undefined for the dialog's own Cancel
 */
export function ask(
  severity: Severity,
  question: string,
  detail: string,
  ...buttons: readonly string[]
): Thenable<string | undefined> {
  return shower(severity)(noticeText(question), { modal: true, detail: detailText(detail) }, ...buttons);
}

/** As {@link ask}, with buttons that are more than their title. */
export function askWith<T extends vscode.MessageItem>(
  severity: Severity,
  question: string,
  detail: string,
  buttons: readonly T[],
): Thenable<T | undefined> {
  return shower(severity)(noticeText(question), { modal: true, detail: detailText(detail) }, ...buttons);
}
