import { t } from "@vscode/l10n";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { commands } from "../contributions/commands.ts";
import { expoItem, lastKnownItem, otherItems, serverItems } from "../contributions/views.ts";
import { isExpo } from "../state/expo.ts";
import { roleOf, type Server, serversElsewhere, serversIn, serversOf } from "../state/servers.ts";
import { editorRemedy, serverSentence } from "../state/state-line.ts";
import type { WindowState } from "../state/window-state.ts";
import { describeServer, escapeMarkdown, type LocalTime, serverTooltip, stateIcons } from "../state/words.ts";
import { besideServers, emptyRow } from "./folder-nodes.ts";
import { foundNodes } from "./found-nodes.ts";
import type { ViewNode } from "./view-node.ts";

/** Theme colours by state, from the editor's own test and chart palettes. */
const stateColors: Readonly<Record<Server["state"]["kind"], string>> = {
  stopped: "disabledForeground",
  starting: "charts.blue",
  ready: "testing.iconPassed",
  stopping: "charts.yellow",
  crashed: "testing.iconFailed",
  failed: "testing.iconFailed",
  restarting: "charts.yellow",
};

const otherIcons = { task: "checklist", external: "database" } as const;

/** Rows of the Servers view; while disconnected the last ones, greyed, below one that reconnects. */
export function serverNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  if (state.link.kind !== "disconnected")
    return [...connectedNodes(describedAlone(state), clock), ...foundNodes(state)];
  // What helps then is another daemon: the view says that, and nothing else.
  if (state.link.error.code === "STORE_DIFFERS") return [];
  const last = connectedNodes(describedAlone(state), clock).map(lastKnown);
  const rows = [...last, ...foundNodes(state)];
  return rows.length === 0 || (last.length === 0 && !state.trusted)
    ? rows
    : [awayNode(state.link.error), ...rows];
}

/** Without the folders that no daemon has described yet. */
function describedAlone(state: WindowState): WindowState {
  return { ...state, folders: state.folders.filter(({ isFromFiles }) => isFromFiles !== true) };
}

function awayNode({ code, message, remedy }: ErrorShape): ViewNode {
  const isElsewhere = code === "NETWORK_DIFFERS";
  const click = isElsewhere ? t("Restart Daemon") : t("Reconnect");
  return {
    id: "away",
    label: t("Not connected to the daemon"),
    description: click,
    tooltip: `${escapeMarkdown(message)} ${escapeMarkdown(editorRemedy(remedy))}\n\n${t("Servers that run go on running.")}`,
    accessibleName: t("Not connected to the daemon, servers that run go on running. {0}", click),
    icon: { name: "debug-disconnect", color: "list.warningForeground" },
    command: isElsewhere ? commands.restartDaemon.id : commands.reconnect.id,
  };
}

/** A row as it was: nothing of it is known to be true still, and nothing can be done to it. */
function lastKnown({ command: _, file: __, ...row }: ViewNode): ViewNode {
  const { server, icon, description, accessibleName, children } = row;
  const isServer = server !== undefined;
  return {
    ...row,
    ...(icon ? { icon: { name: isServer ? "circle-outline" : icon.name, color: "disabledForeground" } } : {}),
    ...(isServer ? { description: t("last seen: {0}", description ?? ""), contextValue: lastKnownItem } : {}),
    ...(accessibleName === undefined ? {} : { accessibleName: t("{0}, as last seen", accessibleName) }),
    ...(children ? { children: children.map(lastKnown) } : {}),
  };
}

function connectedNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const own = state.folders.length > 1 ? folderNodes(state, clock) : flatNodes(state, clock);
  const elsewhere = serversElsewhere(state);
  const hasOwn = own.some(says);
  // Where there is nothing at all the view itself says what would make an app.
  if (elsewhere.length === 0) return hasOwn ? own : [];
  return [
    ...own,
    {
      id: "elsewhere",
      label: t("Other Workspaces"),
      description: countsOf(elsewhere),
      icon: { name: "multiple-windows" },
      collapsed: hasOwn,
      children: elsewhere.map((server) => serverNode(server, state, clock, { place: true })),
    },
  ];
}

/** Whether a row says more than that its folder has no app. */
function says({ id, children }: ViewNode): boolean {
  return children ? children.some(says) : !id.startsWith(emptyRow);
}

/** `2 running, 1 failed` */
function countsOf(servers: readonly Server[]): string {
  const failed = servers.filter(({ state }) => state.kind === "failed").length;
  const running = servers.length - failed;
  return [
    ...(running > 0 ? [t("{0} running", running)] : []),
    ...(failed > 0 ? [t("{0} failed", failed)] : []),
  ].join(", ");
}

function flatNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const servers = serversOf(state).map((server) => serverNode(server, state, clock, { place: false }));
  return [...servers, ...state.folders.flatMap((folder) => besideServers(folder, servers.length > 0))];
}

function folderNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const shown = new Set<string>();
  return state.folders.flatMap((folder) => {
    const servers = serversIn(folder, state).filter(({ key }) => !shown.has(key));
    for (const { key } of servers) shown.add(key);
    const children = [
      ...servers.map((server) => serverNode(server, state, clock, { place: false })),
      ...besideServers(folder, servers.length > 0 || serversIn(folder, state).length > 0),
    ];
    if (children.length === 0) return [];
    return [{ id: `folder:${folder.path}`, label: folder.name, icon: { name: "root-folder" }, children }];
  });
}

function serverNode(
  server: Server,
  { trusted }: WindowState,
  clock: LocalTime,
  show: { place: boolean },
): ViewNode {
  const kind = server.state.kind;
  const role = roleOf(server);
  const click = role === "server" ? clickOf(server, trusted) : undefined;
  const description = describeServer(server, clock.now());
  return {
    id: `server:${server.key}`,
    label: server.app,
    description: show.place ? `${server.place} · ${description}` : description,
    tooltip: serverTooltip(server, clock),
    accessibleName: serverSentence(server, clock.now()),
    icon:
      role === "server"
        ? { name: iconOf(server.beginning ? "starting" : kind), color: stateColors[kind] }
        : { name: otherIcons[role] },
    contextValue: role === "server" ? itemOf(server) : otherItems[role],
    ...(click ? { command: click } : {}),
    server,
  };
}

function itemOf(server: Server): string {
  const { kind } = server.state;
  return kind === "ready" && isExpo(server) ? expoItem : serverItems[kind];
}

function iconOf(kind: Server["state"]["kind"]): string {
  return kind === "starting" || kind === "stopping" ? "loading~spin" : stateIcons[kind];
}

/**
 * A click starts what is stopped, and shows what the others say; the rest has its own buttons. In Restricted Mode it leads to
 * trust, or shows the output.
 */
function clickOf({ state: { kind } }: Server, trusted: boolean): string {
  if (kind === "stopped") return (trusted ? commands.start : commands.trust).id;
  const ended = ["crashed", "failed", "restarting"].includes(kind);
  return (ended || !trusted ? commands.logs : commands.openTerminal).id;
}
