import {
  attachDebuggerCommand,
  commandId,
  openConfigCommand,
  type PaletteEntry,
  type PaletteOperation,
  palette,
} from "../../shared/operations/palette.ts";

interface Command extends PaletteEntry {
  readonly id: `devlatch.${string}`;
}

/** Commands that only make sense in an editor. */
const editorCommands = {
  toggleWeb: { id: "devlatch.toggle.web", title: "Toggle web", icon: "globe" },
  toggleMobile: { id: "devlatch.toggle.mobile", title: "Toggle mobile", icon: "device-mobile" },
  serverMenu: { id: "devlatch.serverMenu", title: "Server Menu…", icon: "list-selection" },
  startAll: { id: "devlatch.startAll", title: "Start All Servers", icon: "run-all" },
  stopAll: { id: "devlatch.stopAll", title: "Stop All Servers", icon: "stop-circle" },
  openInBrowser: { id: "devlatch.openInBrowser", title: "Open in Browser", icon: "link-external" },
  openPreview: { id: "devlatch.openPreview", title: "Open Preview", icon: "open-preview" },
  showQrCode: { id: "devlatch.showQrCode", title: "Show QR Code", icon: "device-mobile" },
  attachDebugger: { id: attachDebuggerCommand, title: "Attach Debugger", icon: "debug-alt" },
  openTerminal: { id: "devlatch.openTerminal", title: "Open Terminal", icon: "terminal" },
  copyUrl: { id: "devlatch.copyUrl", title: "Copy URL", icon: "copy" },
  freePort: { id: "devlatch.freePort", title: "Free Port…", icon: "debug-disconnect" },
  openDashboard: { id: "devlatch.openDashboard", title: "Open Dashboard", icon: "graph-line" },
  breakLock: { id: "devlatch.breakLock", title: "Break Lock…", icon: "unlock" },
  addApp: { id: "devlatch.addApp", title: "Add", icon: "add" },
  dismiss: { id: "devlatch.dismiss", title: "Dismiss", icon: "close" },
  snoozeAlert: { id: "devlatch.snoozeAlert", title: "Snooze Alert…", icon: "bell-slash" },
  pauseNotifications: {
    id: "devlatch.pauseNotifications",
    title: "Pause Notifications…",
    icon: "bell-slash",
  },
  showDaemonLog: { id: "devlatch.showDaemonLog", title: "Show Daemon Log", icon: "file-text" },
  trust: { id: "devlatch.trust", title: "Trust This Workspace…", icon: "shield" },
  reconnect: { id: "devlatch.reconnect", title: "Reconnect to Daemon", icon: "refresh" },
  restartDaemon: { id: "devlatch.restartDaemon", title: "Restart Daemon", icon: "debug-restart" },
  openConfig: { id: openConfigCommand, title: "Open or Create devlatch.json", icon: "settings-gear" },
} as const satisfies Record<string, Command>;

export type CommandName = PaletteOperation | keyof typeof editorCommands;

/** Every command of the extension. Ids are typed here and in `shared/operations`, nowhere else. */
export const commands: Readonly<Record<CommandName, Command>> = {
  ...operationCommands(),
  ...editorCommands,
};

function operationCommands(): Record<PaletteOperation, Command> {
  const names = Object.keys(palette) as PaletteOperation[];
  const entries = names.map((name) => [name, { id: commandId(name), ...palette[name] }]);
  return Object.fromEntries(entries) as Record<PaletteOperation, Command>;
}

/** Commands for one app each, by the app's name: for keys. */
export type ToggledApp = "web" | "mobile";

/** The editor's own commands that ours lead to. */
export const editorBuiltIns = {
  manageTrust: "workbench.trust.manage",
  closeModalEditor: "workbench.action.closeModalEditor",
  openSettings: "workbench.action.openSettings",
  openFolder: "workbench.action.files.openFolder",
  setContext: "setContext",
  showProblems: "workbench.actions.view.problems",
  newTerminal: "workbench.action.terminal.new",
  showInEditor: "simpleBrowser.show",
} as const;
