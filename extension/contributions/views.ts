/** The activity bar's container and its views. */
export const viewContainer = "devlatch";

export const views = {
  begin: "devlatch.begin",
  servers: "devlatch.servers",
  locks: "devlatch.locks",
  health: "devlatch.health",
} as const;

export type ViewName = keyof typeof views;

/** Views that list rows. */
export type TreeName = Exclude<ViewName, "begin">;

/** The command the editor makes for every view, which shows it and moves the focus there. */
export function focusCommand(view: ViewName): string {
  return `${views[view]}.focus`;
}

/** `viewItem` of a lock in the Locks view. */
export const lockItem = "lock.held";

/** `viewItem` of an alert in the Health view. */
export const alertItem = "alert";

/** `viewItem` values of the Servers view, which the manifest's menus test. */
export const serverItems = {
  stopped: "server.stopped",
  starting: "server.starting",
  ready: "server.ready",
  stopping: "server.stopping",
  crashed: "server.crashed",
  failed: "server.failed",
  restarting: "server.restarting",
} as const;

/** `viewItem` of an Expo server that is ready: phones open it. */
export const expoItem = "server.expo";

/** `viewItem` of a server as it was when the daemon went. */
export const lastKnownItem = "last.server";

/** `viewItem` of a server that is there only as a script. */
export const scriptItem = "script.server";

/** `viewItem` of an app that is known by its files alone. */
export const foundItem = "found.server";

/** `viewItem` of an app that is no server. */
export const otherItems = { task: "app.task", external: "app.external" } as const;
