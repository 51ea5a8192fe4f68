import { commands } from "../contributions/commands.ts";
import { otherItems, serverItems } from "../contributions/views.ts";
import { roleOf, type Server, serversElsewhere, serversIn, serversOf } from "../state/servers.ts";
import type { WindowState } from "../state/window-state.ts";
import { describeServer, escapeMarkdown, type LocalTime, serverTooltip, stateIcons } from "../state/words.ts";

/** One row of a view, free of the editor's types. */
export interface ViewNode {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Markdown. */
  readonly tooltip?: string;
  readonly icon?: { readonly name: string; readonly color?: string };
  readonly contextValue?: string;
  readonly children?: readonly ViewNode[];
  readonly collapsed?: boolean;
  /** What a click does; the server is handed to the command. */
  readonly command?: string;
  readonly server?: Server;
  /** Key of the lock that the row stands for. */
  readonly lock?: string;
  /** Id of the alert that the row stands for. */
  readonly alert?: string;
  /** A file to open on click. */
  readonly file?: string;
}

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

/** Rows of the Servers view; none while disconnected, so that the view says that instead. */
export function serverNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  if (state.link.kind === "disconnected") return [];
  const own = state.folders.length > 1 ? folderNodes(state, clock) : flatNodes(state, clock);
  const elsewhere = serversElsewhere(state);
  if (elsewhere.length === 0) return own;
  return [
    ...own,
    {
      id: "elsewhere",
      label: "Other Workspaces",
      description: `${elsewhere.length} running`,
      icon: { name: "multiple-windows" },
      collapsed: own.length > 0,
      children: elsewhere.map((server) => serverNode(server, clock, { place: true })),
    },
  ];
}

function flatNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const servers = serversOf(state).map((server) => serverNode(server, clock, { place: false }));
  return [...servers, ...state.folders.flatMap(problemNodes)];
}

function folderNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const shown = new Set<string>();
  return state.folders.flatMap((folder) => {
    const servers = serversIn(folder, state).filter(({ key }) => !shown.has(key));
    for (const { key } of servers) shown.add(key);
    const children = [
      ...servers.map((server) => serverNode(server, clock, { place: false })),
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
  const description = describeServer(server);
  return {
    id: `server:${server.key}`,
    label: server.app,
    description: show.place ? `${server.place} · ${description}` : description,
    tooltip: serverTooltip(server, clock),
    icon: role === "server" ? { name: iconOf(kind), color: stateColors[kind] } : { name: otherIcons[role] },
    contextValue: role === "server" ? serverItems[kind] : otherItems[role],
    ...(click ? { command: click } : {}),
    server,
  };
}

function iconOf(kind: Server["state"]["kind"]): string {
  return kind === "starting" || kind === "stopping" ? "loading~spin" : stateIcons[kind];
}

/** A click starts what is stopped, and shows what the others say; the rest has its own buttons. */
function clickOf(server: Server): string {
  if (["crashed", "failed", "restarting"].includes(server.state.kind)) return commands.logs.id;
  return server.state.kind === "stopped" ? commands.start.id : commands.openTerminal.id;
}

function problemNodes(folder: WindowState["folders"][number]): readonly ViewNode[] {
  const problems = [...(folder.sandbox?.problems ?? []), ...(folder.error ? [folder.error] : [])];
  return problems.map((problem, index) => ({
    id: `problem:${folder.path}:${index}`,
    label: problem.message,
    tooltip: `${escapeMarkdown(problem.message)}\n\n${escapeMarkdown(problem.remedy)}`,
    icon: { name: "warning", color: "list.warningForeground" },
    ...("file" in problem && problem.file ? { file: problem.file } : {}),
  }));
}
