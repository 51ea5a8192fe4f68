import { isLive } from "../../shared/model/session-state.ts";
import { type CommandName, type ToggledApp, toggles } from "../contributions/commands.ts";
import { type Server, serversOf } from "./servers.ts";
import { secondsSince } from "./state-line.ts";
import type { WindowState } from "./window-state.ts";
import { escapeMarkdown, type LocalTime, serverTooltip } from "./words.ts";

/** One item of the status bar. */
export interface StatusItem {
  readonly id: string;
  /** With `$(icon)`s. */
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  /** For screen readers: the text without icons. */
  readonly label: string;
  readonly command: CommandName;
  readonly mood: "usual" | "problem";
}

/** Several folders can have the same app; the item shows the state that needs eyes most. */
const attention = ["failed", "crashed", "restarting", "starting", "stopping", "ready", "stopped"] as const;

const clickDoes: Readonly<Record<Server["state"]["kind"], string>> = {
  stopped: "Click to start",
  starting: "Click to show its terminal",
  ready: "Click to stop",
  stopping: "It will be stopped in a moment",
  crashed: "Click to see why",
  failed: "Click to see why",
  restarting: "Click to see why it ended",
};

/** The items to show: one for each toggled app that exists here. */
export function statusItems(state: WindowState, clock: LocalTime): readonly StatusItem[] {
  const servers = serversOf(state);
  const items = (Object.keys(toggles) as ToggledApp[]).flatMap((app) => {
    const own = servers.filter((server) => server.app === app);
    return own.length === 0 ? [] : [itemOf(app, own, state, clock)];
  });
  return items.length === 0 && showsUnknown(state) ? [disconnectedItem("Devlatch", state)] : items;
}

/** Whether any item changes as time passes. */
export function countsSeconds(state: WindowState): boolean {
  return (
    state.link.kind !== "disconnected" &&
    serversOf(state).some(({ state: { kind } }) => kind === "starting" || kind === "restarting")
  );
}

function itemOf(
  app: ToggledApp,
  servers: readonly Server[],
  state: WindowState,
  clock: LocalTime,
): StatusItem {
  if (state.link.kind === "disconnected") return disconnectedItem(app, state);
  const shown = mostUrgent(servers);
  const storeProblem = storeProblemOf(state);
  if (storeProblem !== undefined && !isLive(shown.state)) return storeAwayItem(app, storeProblem);
  const text = statusText(shown, clock.now());
  const tooltips = servers.map((server) => serverTooltip(server, clock));
  const hint = state.trusted
    ? clickDoes[shown.state.kind]
    : "Not in Restricted Mode: the workspace isn't trusted";
  return {
    id: app,
    text,
    tooltip: [...tooltips, hint].join("\n\n---\n\n"),
    label: `Dev server ${app}: ${shown.state.kind}${shown.state.kind === "ready" ? ` on port ${shown.state.port}` : ""}`,
    command: toggles[app],
    mood: shown.state.kind === "failed" || shown.state.kind === "crashed" ? "problem" : "usual",
  };
}

/** `$(pass-filled) web :3000` */
export function statusText(server: Server, now: number): string {
  const { app, state } = server;
  switch (state.kind) {
    case "stopped":
      return `$(circle-outline) ${app}`;
    case "starting":
      return `$(sync~spin) ${app} ${secondsSince(state.since, now)}s`;
    case "ready":
      return `$(pass-filled) ${app} :${state.port}${errorMark(server)}`;
    case "stopping":
      return `$(sync~spin) ${app} stopping`;
    case "crashed":
      return `$(error) ${app} crashed`;
    case "failed":
      return `$(error) ${app}`;
    case "restarting":
      return `$(history) ${app} again in ${secondsSince(now, state.at)}s`;
  }
}

function errorMark({ session }: Server): string {
  return session?.build?.status === "failed" ? ` $(error) ${session.build.errorCount}` : "";
}

function mostUrgent(servers: readonly Server[]): Server {
  const rank = (server: Server) => attention.indexOf(server.state.kind);
  return servers.reduce((best, one) => (rank(one) < rank(best) ? one : best));
}

/** Why the store can't be used, in the words of the health check. */
function storeProblemOf({ health }: WindowState): string | undefined {
  const store = health?.components.store;
  return store?.status === "critical" ? store.summary : undefined;
}

/** Without the store it isn't known who else starts this server: nothing new is started, what runs is left alone. */
function storeAwayItem(app: ToggledApp, problem: string): StatusItem {
  return {
    id: app,
    text: `$(warning) ${app}`,
    tooltip: `**The store of locks can't be used, so nothing new is started.** Servers that run go on running.\n\n${escapeMarkdown(problem)}\n\n---\n\nClick to try all the same`,
    label: `Dev server ${app}: the store of locks can't be used`,
    command: toggles[app],
    mood: "problem",
  };
}

/** A window that looks only, or has no folder, needs no daemon: then there is nothing to complain about. */
function showsUnknown(state: WindowState): boolean {
  return state.link.kind === "disconnected" && state.trusted && state.folders.length > 0;
}

function disconnectedItem(name: string, state: WindowState): StatusItem {
  const error = state.link.kind === "disconnected" ? state.link.error : undefined;
  const reason = error ? escapeMarkdown(`${error.message} ${error.remedy}`) : "";
  const differs = error?.code === "STORE_DIFFERS";
  return {
    id: name,
    text: `$(debug-disconnect) ${name}`,
    tooltip: `**Not connected to the Devlatch daemon.** Servers that run go on running.\n\n${reason}\n\n---\n\nClick to ${differs ? "restart the daemon" : "reconnect"}`,
    label: `Dev server ${name}: not connected to the Devlatch daemon${differs ? ", which uses another store" : ""}`,
    command: differs ? "restartDaemon" : "reconnect",
    mood: differs ? "problem" : "usual",
  };
}
