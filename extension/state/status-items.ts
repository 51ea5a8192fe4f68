import { t } from "@vscode/l10n";
import type { ErrorCode } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { CommandName } from "../contributions/commands.ts";
import { actionsOn, webAddressOf } from "./server-actions.ts";
import { roleOf, type Server, serversOf, urlOf } from "./servers.ts";
import { buildErrorWords, editorRemedy, kindWords, secondsSince } from "./state-line.ts";
import type { WindowState } from "./window-state.ts";
import { escapeMarkdown, type LocalTime, serverTooltip } from "./words.ts";

/** A server as a command finds it again. */
export interface ServerTarget {
  readonly app: string;
  /** A workspace folder. */
  readonly cwd: string;
}

/** One item of the status bar. */
export interface StatusItem {
  readonly id: string;
  /** With `$(icon)`s. */
  readonly text: string;
  /** Markdown; of its links to commands only those in `links` work. */
  readonly tooltip: string;
  /** Ids of commands that the tooltip leads to. */
  readonly links: readonly string[];
  /** For screen readers: what is shown, as a sentence. */
  readonly label: string;
  readonly command: CommandName;
  /** What the command is about; absent where it is about none or several. */
  readonly target?: ServerTarget;
  /** `warning` is yellow, `problem` red. */
  readonly mood: "usual" | "warning" | "problem";
}

/** Names of apps that have an item of their own; `*` stands for all. */
export type ShownApps = readonly string[];

/** Beyond that many the bar has no room for anything else. */
const mostItems = 8;

/** Which items stay where there are too many: what needs eyes, then what runs. */
const attention = ["failed", "crashed", "restarting", "starting", "stopping", "ready", "stopped"] as const;

/**
 * The items to show: one for each app's server in this workspace. What failed is always shown.
 * @param shown the apps that the user wants to see
 */
export function statusItems(state: WindowState, clock: LocalTime, shown: ShownApps): readonly StatusItem[] {
  const isAway = state.trusted && state.link.kind === "disconnected";
  // What only its files name stands for a daemon that is away, and for nothing else.
  const known = isAway ? state.folders : state.folders.filter(({ isFromFiles }) => !isFromFiles);
  const servers = serversOf({ ...state, folders: known }).filter((server) => roleOf(server) === "server");
  const wanted = servers.filter((server) => isAiling(server) || isWanted(server, shown));
  if (servers.length === 0 && showsUnknown(state)) return [disconnectedItem("Devlatch", "Devlatch", state)];
  const fitting = mostUrgent(wanted);
  const items = fitting.map((server) => itemOf(server, state, clock));
  return fitting.length < wanted.length ? [...items, moreItem(wanted.length - fitting.length)] : items;
}

/** Whether any item changes as time passes. */
export function countsSeconds(state: WindowState): boolean {
  return (
    state.link.kind !== "disconnected" &&
    (state.starts.size > 0 ||
      serversOf(state).some(({ state: { kind } }) => kind === "starting" || kind === "restarting"))
  );
}

function isAiling({ state: { kind } }: Server): boolean {
  return kind === "failed" || kind === "crashed";
}

function isWanted({ app }: Server, shown: ShownApps): boolean {
  return shown.includes("*") || shown.includes(app);
}

/** As many as there is room for, in their own order. */
function mostUrgent(servers: readonly Server[]): readonly Server[] {
  if (servers.length <= mostItems) return servers;
  const rank = (server: Server) => attention.indexOf(server.state.kind);
  const kept = new Set([...servers].sort((one, other) => rank(one) - rank(other)).slice(0, mostItems));
  return servers.filter((server) => kept.has(server));
}

function itemOf(server: Server, state: WindowState, clock: LocalTime): StatusItem {
  const several = state.folders.length > 1;
  const id = several ? server.key : server.app;
  const name = several ? `${plainText(server.place).replaceAll("$(", "$ (")}/${server.app}` : server.app;
  if (state.link.kind === "disconnected") return disconnectedItem(id, name, state);
  const storeProblem = storeProblemOf(state);
  const target = { app: server.app, cwd: server.cwd };
  const item = { id, command: "serverMenu", target } as const;
  if (storeProblem !== undefined && !isLive(server.state))
    return { ...item, ...storeAway(name, storeProblem) };
  return {
    ...item,
    text: statusText(server, name, clock.now()),
    ...tooltipOf(server, target, state, clock),
    label: labelOf(server, name),
    mood: moodOf(server),
  };
}

/** `$(pass-filled) web :3000` */
function statusText({ state, session, beginning }: Server, name: string, now: number): string {
  if (beginning) return `$(sync~spin) ${name} ${secondsSince(beginning.since, now)}s`;
  switch (state.kind) {
    case "stopped":
      return `$(circle-outline) ${name}`;
    case "starting":
      return `$(sync~spin) ${name} ${secondsSince(state.since, now)}s`;
    case "ready":
      return `$(pass-filled) ${name} :${state.port}${errorMark(session)}`;
    case "stopping":
      return `$(sync~spin) ${t("{0} stopping", name)}`;
    case "crashed":
      return `$(error) ${t("{0} crashed", name)}`;
    case "failed":
      return `$(error) ${name}`;
    case "restarting":
      return `$(history) ${t("{0} again in {1}s", name, secondsSince(now, state.at))}`;
  }
}

function errorMark(session: Server["session"]): string {
  return session?.build?.status === "failed" ? ` $(error) ${session.build.errorCount}` : "";
}

function moodOf(server: Server): StatusItem["mood"] {
  if (isAiling(server)) return "problem";
  return server.session?.build?.status === "failed" ? "warning" : "usual";
}

/** `web, ready on port 3000, 1 build error` */
function labelOf({ state, session }: Server, name: string): string {
  const how =
    state.kind === "ready"
      ? t("{0}, ready on port {1}", name, state.port)
      : `${name}, ${kindWords(state.kind)}`;
  const errors = session?.build?.status === "failed" ? session.build.errorCount : 0;
  return errors === 0 ? how : `${how}, ${buildErrorWords(errors)}`;
}

/** Everything about the server, and links to what can be done with it. */
function tooltipOf(
  server: Server,
  target: ServerTarget,
  { trusted }: WindowState,
  clock: LocalTime,
): Pick<StatusItem, "tooltip" | "links"> {
  const about = serverTooltip(server, clock);
  if (!trusted)
    return {
      tooltip: `${about}\n\n---\n\n${t("Not in Restricted Mode: the workspace isn't trusted")}`,
      links: [],
    };
  // What others wrote must bring no link to a command: all of it is escaped, and what could still be one ends ours.
  const isHonest = urlOf(server) === webAddressOf(server) && !/command:(?! )/i.test(about);
  const actions = isHonest ? actionsOn(server) : [];
  const argument = encodeURIComponent(JSON.stringify([target])).replaceAll(/[()]/g, escapeParenthesis);
  const links = actions.map(
    ({ title, icon, command }) => `[$(${icon}) ${escapeMarkdown(title)}](command:${command}?${argument})`,
  );
  const hint = server.state.kind === "stopped" ? t("Click to start") : t("Click for what can be done");
  return {
    tooltip: [about, links.join(" &nbsp; "), hint].filter(Boolean).join("\n\n---\n\n"),
    links: actions.map(({ command }) => command),
  };
}

/** `encodeURIComponent` leaves those, which would end a Markdown link. */
function escapeParenthesis(character: string): string {
  return character === "(" ? "%28" : "%29";
}

/** Why the store can't be used, in the words of the health check. */
function storeProblemOf({ health }: WindowState): string | undefined {
  const store = health?.components.store;
  return store?.status === "critical" ? store.summary : undefined;
}

/** Without the store it isn't known who else starts this server: nothing new is started, what runs is left alone. */
function storeAway(
  name: string,
  problem: string,
): Pick<StatusItem, "text" | "tooltip" | "links" | "label" | "mood"> {
  return {
    text: `$(warning) ${name}`,
    tooltip: [
      t("**The store of locks can't be used, so nothing new is started.** Servers that run go on running."),
      escapeMarkdown(problem),
      "---",
      t("Click to try all the same"),
    ].join("\n\n"),
    links: [],
    label: t("{0}, can't be started: the store of locks can't be used", name),
    mood: "problem",
  };
}

/** Stands for those that had no room. */
function moreItem(count: number): StatusItem {
  return {
    id: "more",
    text: `$(ellipsis) ${t("{0} more", count)}`,
    tooltip: [
      count === 1 ? t("1 more server of this workspace.") : t("{0} more servers of this workspace.", count),
      t("Click to pick one"),
    ].join("\n\n"),
    links: [],
    label: count === 1 ? t("1 more server") : t("{0} more servers", count),
    command: "serverMenu",
    mood: "usual",
  };
}

/** A window that looks only, or has no folder, needs no daemon: then there is nothing to complain about. */
function showsUnknown(state: WindowState): boolean {
  return state.link.kind === "disconnected" && state.trusted && state.folders.length > 0;
}

function notConnected(name: string, code: ErrorCode | undefined): string {
  if (code === "STORE_DIFFERS")
    return t("{0}, not connected to the Devlatch daemon, which uses another store", name);
  if (code === "NETWORK_DIFFERS")
    return t("{0}, not connected to the Devlatch daemon, which is in another network", name);
  return t("{0}, not connected to the Devlatch daemon", name);
}

function disconnectedItem(id: string, name: string, state: WindowState): StatusItem {
  const error = state.link.kind === "disconnected" ? state.link.error : undefined;
  const reason = error ? escapeMarkdown(`${error.message} ${editorRemedy(error.remedy)}`) : "";
  // Another daemon is needed: to reach this one again wouldn't help.
  const isUnfit = error?.code === "STORE_DIFFERS" || error?.code === "NETWORK_DIFFERS";
  return {
    id,
    text: `$(debug-disconnect) ${name}`,
    tooltip: [
      t("**Not connected to the Devlatch daemon.** Servers that run go on running."),
      reason,
      "---",
      isUnfit ? t("Click to restart the daemon") : t("Click to reconnect"),
    ].join("\n\n"),
    links: [],
    label: notConnected(name, error?.code),
    command: isUnfit ? "restartDaemon" : "reconnect",
    mood: isUnfit ? "problem" : "usual",
  };
}
