import { t } from "@vscode/l10n";
import * as z from "zod";
import type { ErrorCode, ErrorShape } from "../../shared/base/errors.ts";
import { ProcessView } from "../../shared/model/process.ts";
import { editorRemedy } from "../state/state-line.ts";
import type { Severity } from "./say.ts";

/** What an error notification offers. */
export type ErrorAction =
  | "showOutput"
  | "restart"
  | "openFile"
  | "openConfig"
  | "showLog"
  | "reconnect"
  | "restartDaemon"
  | "manageTrust"
  | "openSettings";

/** The title of an action's button. */
export function titleOf(action: ErrorAction): string {
  const titles: Readonly<Record<ErrorAction, string>> = {
    showOutput: t("Show Output"),
    restart: t("Restart"),
    openFile: t("Open File"),
    openConfig: t("Open devlatch.json"),
    showLog: t("Show Daemon Log"),
    reconnect: t("Reconnect"),
    restartDaemon: t("Restart Daemon"),
    manageTrust: t("Manage Workspace Trust"),
    openSettings: t("Open Settings"),
  };
  return titles[action];
}

const serverFailed: readonly ErrorAction[] = ["showOutput", "restart"];
const daemonFailed: readonly ErrorAction[] = ["reconnect", "showLog"];

const actionsByCode: Partial<Record<ErrorCode, readonly ErrorAction[]>> = {
  UNKNOWN_APP: ["openConfig"],
  AMBIGUOUS_APP: ["openConfig"],
  INVALID_INPUT: [],
  CONFIG_INVALID: ["openFile"],
  DIRECTORY_MISSING: ["openConfig"],
  COMMAND_NOT_FOUND: ["openConfig", "restart"],
  EXITED_EARLY: serverFailed,
  SERVER_CRASHED: serverFailed,
  INPUT_NEEDED: serverFailed,
  CRASH_LOOP: serverFailed,
  LIMIT_EXCEEDED: ["showOutput", "openConfig", "restart"],
  HOST_FAILED: ["restart", "showLog"],
  NOT_RUNNING: [],
  STOP_INCOMPLETE: ["showOutput", "showLog"],
  UNTRUSTED_WORKSPACE: ["manageTrust"],
  STORE_DIFFERS: ["restartDaemon", "openSettings"],
  NETWORK_DIFFERS: ["restartDaemon"],
  STORE_UNAVAILABLE: ["openSettings", "showLog"],
  DEADLINE: serverFailed,
  CANCELLED: [],
  DAEMON_UNAVAILABLE: daemonFailed,
  PROTOCOL_MISMATCH: daemonFailed,
  UNAUTHENTICATED: daemonFailed,
};

/**
 * The fitting actions for an error, most useful first.
 * @param ofServer whether the error is about one server, whose output can be shown and which can be restarted
 */
export function actionsFor(error: ErrorShape, ofServer: boolean): readonly ErrorAction[] {
  const actions = actionsByCode[error.code] ?? ["showLog"];
  return actions.filter((action) => {
    if (action === "openFile") return placeOf(error) !== undefined;
    return ofServer || (action !== "showOutput" && action !== "restart");
  });
}

/** What is as it should be, or asks for something, and what a person can do something about: neither is a fault. */
const informations: ReadonlySet<ErrorCode> = new Set(["NOT_RUNNING", "CURSOR_EXPIRED"]);
const warnings: ReadonlySet<ErrorCode> = new Set([
  ...(["UNKNOWN_APP", "AMBIGUOUS_APP", "INVALID_INPUT", "UNTRUSTED_WORKSPACE"] as const),
  ...(["PORT_CONFLICT", "PORT_FIXED", "SESSION_DIFFERS", "CONSENT_REQUIRED", "OVER_BUDGET"] as const),
  ...(["INPUT_NEEDED", "DEADLINE", "STORE_DIFFERS", "NETWORK_DIFFERS", "LOCK_HELD", "SANDBOX_BUSY"] as const),
]);

/** How bad an error is for the person who is told. */
export function severityOf({ code }: ErrorShape): Severity {
  if (informations.has(code)) return "information";
  return warnings.has(code) ? "warning" : "error";
}

/** Cancelling is what the user wanted; everything else deserves a word. */
export function isWorthSaying(error: ErrorShape): boolean {
  return error.code !== "CANCELLED";
}

/** The error for a notification: what happened, who is left, what to do. */
export function wordsOf(error: ErrorShape): string {
  const survivors = Survivors.safeParse(error.data).data?.survivors ?? [];
  const named = survivors.map(({ pid, command }) => `${pid} (${command})`).join(", ");
  return [error.message, named && t("Still running: {0}.", named), editorRemedy(error.remedy)]
    .filter(Boolean)
    .join(" ");
}

const Survivors = z.object({ survivors: z.array(ProcessView.pick({ pid: true, command: true })) });

const Place = z.object({
  file: z.string(),
  line: z.int().positive().optional(),
  column: z.int().positive().optional(),
});

/** The file (and line and column, counted from 1) an error points at. */
export function placeOf(error: ErrorShape): z.infer<typeof Place> | undefined {
  return Place.safeParse(error.data).data;
}
