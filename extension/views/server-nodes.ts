import { join, sep } from "node:path";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import type { SandboxView } from "../../shared/model/sandbox.ts";
import { commands } from "../contributions/commands.ts";
import { expoItem, lastKnownItem, otherItems, scriptItem, serverItems } from "../contributions/views.ts";
import { isExpo } from "../state/expo.ts";
import { roleOf, type Server, serversElsewhere, serversIn, serversOf } from "../state/servers.ts";
import { editorRemedy, serverSentence, spoken } from "../state/state-line.ts";
import type { WindowState } from "../state/window-state.ts";
import {
  code,
  describeServer,
  escapeMarkdown,
  type LocalTime,
  serverTooltip,
  stateIcons,
} from "../state/words.ts";
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

function awayNode({ message, remedy }: ErrorShape): ViewNode {
  return {
    id: "away",
    label: "Not connected to the daemon",
    description: "Reconnect",
    tooltip: `${escapeMarkdown(message)} ${escapeMarkdown(editorRemedy(remedy))}\n\nServers that run go on running.`,
    accessibleName: "Not connected to the daemon, servers that run go on running. Reconnect",
    icon: { name: "debug-disconnect", color: "list.warningForeground" },
    command: commands.reconnect.id,
  };
}

/** A row as it was: nothing of it is known to be true still, and nothing can be done to it. */
function lastKnown({ command: _, file: __, ...row }: ViewNode): ViewNode {
  const { server, icon, description, accessibleName, children } = row;
  const isServer = server !== undefined;
  return {
    ...row,
    ...(icon ? { icon: { name: isServer ? "circle-outline" : icon.name, color: "disabledForeground" } } : {}),
    ...(isServer ? { description: `last seen: ${description}`, contextValue: lastKnownItem } : {}),
    ...(accessibleName === undefined ? {} : { accessibleName: `${accessibleName}, as last seen` }),
    ...(children ? { children: children.map(lastKnown) } : {}),
  };
}

function connectedNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const own = state.folders.length > 1 ? folderNodes(state, clock) : flatNodes(state, clock);
  const elsewhere = serversElsewhere(state);
  if (elsewhere.length === 0) return own;
  return [
    ...own,
    {
      id: "elsewhere",
      label: "Other Workspaces",
      description: countsOf(elsewhere),
      icon: { name: "multiple-windows" },
      collapsed: own.length > 0,
      children: elsewhere.map((server) => serverNode(server, clock, { place: true })),
    },
  ];
}

/** `2 running, 1 failed` */
function countsOf(servers: readonly Server[]): string {
  const failed = servers.filter(({ state }) => state.kind === "failed").length;
  const running = servers.length - failed;
  return [...(running > 0 ? [`${running} running`] : []), ...(failed > 0 ? [`${failed} failed`] : [])].join(
    ", ",
  );
}

function flatNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const servers = serversOf(state).map((server) => serverNode(server, clock, { place: false }));
  return [...servers, ...state.folders.flatMap(scriptNodes), ...state.folders.flatMap(problemNodes)];
}

function folderNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const shown = new Set<string>();
  return state.folders.flatMap((folder) => {
    const servers = serversIn(folder, state).filter(({ key }) => !shown.has(key));
    for (const { key } of servers) shown.add(key);
    const children = [
      ...servers.map((server) => serverNode(server, clock, { place: false })),
      ...scriptNodes(folder),
      ...problemNodes(folder),
    ];
    if (children.length === 0) return [];
    return [{ id: `folder:${folder.path}`, label: folder.name, icon: { name: "root-folder" }, children }];
  });
}

function serverNode(server: Server, clock: LocalTime, show: { place: boolean }): ViewNode {
  const kind = server.state.kind;
  const role = roleOf(server);
  const click = role === "server" ? clickOf(server) : undefined;
  const description = describeServer(server, clock.now());
  return {
    id: `server:${server.key}`,
    label: server.app,
    description: show.place ? `${server.place} · ${description}` : description,
    tooltip: serverTooltip(server, clock),
    accessibleName: serverSentence(server, clock.now()),
    icon: role === "server" ? { name: iconOf(kind), color: stateColors[kind] } : { name: otherIcons[role] },
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

/** A click starts what is stopped, and shows what the others say; the rest has its own buttons. */
function clickOf(server: Server): string {
  if (["crashed", "failed", "restarting"].includes(server.state.kind)) return commands.logs.id;
  return server.state.kind === "stopped" ? commands.start.id : commands.openTerminal.id;
}

function placeOf(
  problem: ErrorShape | SandboxView["problems"][number],
): Pick<ViewNode, "file" | "line" | "column"> {
  if (!("file" in problem) || problem.file === undefined) return {};
  const { file, line, column = 1 } = problem;
  return { file, ...(line === undefined ? {} : { line, column }) };
}

/** Servers that could be apps: nothing starts them before they are. */
function scriptNodes({ sandbox }: WindowState["folders"][number]): readonly ViewNode[] {
  const scripts = sandbox?.scripts ?? [];
  return scripts.map(({ app, cwd, command, script }) => ({
    id: `script:${app}:${cwd}`,
    label: app,
    description: `not set up · ${plainText(script)}`,
    tooltip: `${escapeMarkdown(app)} is a script of ${code(join(cwd, "package.json"))} and no app yet: ${code(command.join(" "))}\n\nAdd it to devlatch.json to start and stop it here.`,
    accessibleName: `${app}, not set up, a script that starts a server`,
    icon: { name: "circle-large-outline", color: "disabledForeground" },
    contextValue: scriptItem,
    file: join(cwd, "package.json"),
    newApp: { app, cwd, command },
  }));
}

function problemNodes(folder: WindowState["folders"][number]): readonly ViewNode[] {
  const problems = [...(folder.sandbox?.problems ?? []), ...(folder.error ? [folder.error] : [])];
  return problems.map((problem, index) => ({
    id: `problem:${folder.path}:${index}`,
    label: spoken(problem.message.replaceAll(`${folder.sandbox?.root ?? folder.path}${sep}`, "")),
    tooltip: `${escapeMarkdown(problem.message)}\n\n${escapeMarkdown(editorRemedy(problem.remedy))}`,
    icon: { name: "warning", color: "list.warningForeground" },
    ...placeOf(problem),
  }));
}
