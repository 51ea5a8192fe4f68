/** How an operation stands in the editor's palette; see {@link commandId}. */
export interface PaletteEntry {
  readonly title: string;
  /** Codicon name, without `$()`. */
  readonly icon: string;
}

/**
 * The operations that are palette commands. They stand apart from the operations, whose schemas take long to build: an editor
 * shows commands long before one is used.
 */
export const palette = {
  start: { title: "Start Server", icon: "play" },
  stop: { title: "Stop Server", icon: "debug-stop" },
  restart: { title: "Restart Server", icon: "debug-restart" },
  status: { title: "Show Status", icon: "info" },
  logs: { title: "Show Output", icon: "output" },
  wait: { title: "Wait for Clean Build", icon: "checklist" },
  locks: { title: "Show Locks", icon: "lock" },
  health: { title: "Check Health", icon: "pulse" },
  port: { title: "Who Uses a Port…", icon: "plug" },
  doctor: { title: "Run Doctor", icon: "heart" },
  diagnostics: { title: "Collect Diagnostics", icon: "archive" },
} as const satisfies Record<string, PaletteEntry>;

/** Operations that are palette commands. */
export type PaletteOperation = keyof typeof palette;

/**
 * Opens `devlatch.json`. Given `{app, cwd, command}` of a package's script, with that app written into it, unsaved.
 */
export const openConfigCommand = "devlatch.openConfig";

/** Attaches the editor's debugger to a server's process. */
export const attachDebuggerCommand = "devlatch.attachDebugger";

/** The id of the palette command that does an operation in an editor. */
export function commandId<N extends PaletteOperation>(name: N): `devlatch.${N}` {
  return `devlatch.${name}`;
}
