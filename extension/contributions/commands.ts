import type { PaletteCommand } from "../../shared/operations/operation.ts";
import { type OperationName, operations } from "../../shared/operations/operations.ts";

/** Operations that are palette commands; a test checks that these are all with a palette entry. */
export const paletteOperations = [
  "start",
  "stop",
  "restart",
  "status",
  "logs",
  "wait",
  "locks",
  "health",
  "port",
  "doctor",
  "diagnostics",
] as const satisfies readonly OperationName[];

/** Commands that only make sense in an editor. */
const editorCommands = {
  toggleWeb: { id: "devlatch.toggle.web", title: "Toggle web", icon: "globe" },
  toggleMobile: { id: "devlatch.toggle.mobile", title: "Toggle mobile", icon: "device-mobile" },
  openInBrowser: { id: "devlatch.openInBrowser", title: "Open in Browser", icon: "link-external" },
  openTerminal: { id: "devlatch.openTerminal", title: "Open Terminal", icon: "terminal" },
  copyUrl: { id: "devlatch.copyUrl", title: "Copy URL", icon: "copy" },
  freePort: { id: "devlatch.freePort", title: "Free Port…", icon: "debug-disconnect" },
  breakLock: { id: "devlatch.breakLock", title: "Break Lock…", icon: "unlock" },
  snoozeAlert: { id: "devlatch.snoozeAlert", title: "Snooze Alert…", icon: "bell-slash" },
  pauseNotifications: {
    id: "devlatch.pauseNotifications",
    title: "Pause Notifications…",
    icon: "bell-slash",
  },
  showDaemonLog: { id: "devlatch.showDaemonLog", title: "Show Daemon Log", icon: "file-text" },
  reconnect: { id: "devlatch.reconnect", title: "Reconnect to Daemon", icon: "refresh" },
  openConfig: { id: "devlatch.openConfig", title: "Open or Create devlatch.json", icon: "settings-gear" },
} as const satisfies Record<string, PaletteCommand>;

type PaletteOperation = (typeof paletteOperations)[number];
export type CommandName = PaletteOperation | keyof typeof editorCommands;

/** Every command of the extension. Ids are typed here and in `shared/operations`, nowhere else. */
export const commands: Readonly<Record<CommandName, PaletteCommand>> = {
  ...operationCommands(),
  ...editorCommands,
};

function operationCommands(): Record<PaletteOperation, PaletteCommand> {
  const entries = paletteOperations.map((name) => [name, paletteOf(name)] as const);
  return Object.fromEntries(entries) as Record<PaletteOperation, PaletteCommand>;
}

function paletteOf(name: PaletteOperation): PaletteCommand {
  const { palette } = operations[name];
  if (!palette) throw new TypeError(`The operation ${name} has no palette entry.`);
  return palette;
}

/** Commands for one app each, by the app's name: the status bar's toggles. */
export const toggles = { web: "toggleWeb", mobile: "toggleMobile" } as const satisfies Record<
  string,
  CommandName
>;
export type ToggledApp = keyof typeof toggles;

/** The editor's own commands that ours lead to. */
export const editorBuiltIns = {
  manageTrust: "workbench.trust.manage",
  openSettings: "workbench.action.openSettings",
  openFolder: "workbench.action.files.openFolder",
  setContext: "setContext",
  showProblems: "workbench.actions.view.problems",
} as const;
