import { plainText } from "../../shared/base/plain-text.ts";
import { placeWords } from "../../shared/model/build-words.ts";
import { externalAddress } from "../../shared/model/external-address.ts";
import { cpuWords, memoryWords } from "../../shared/model/resource-words.ts";
import type { SessionState } from "../../shared/model/session.ts";
import { isLive, mostRestarts } from "../../shared/model/session-state.ts";
import { starterWords } from "../../shared/model/who-words.ts";
import { commandOf, portOf, roleOf, type Server } from "./servers.ts";
import { displacedWords, editorRemedy, spoken, startingWords, stateLine } from "./state-line.ts";
import { otherStopper, stoppedByWords } from "./stopper-words.ts";

/** How times are shown to this user. */
export interface LocalTime {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A time of day in the user's own way, e.g. `14:03:20`. @param time milliseconds since the epoch */
  timeOfDay(time: number): string;
}

export const localTime: LocalTime = {
  now: () => Date.now(),
  timeOfDay: (time) => new Date(time).toLocaleTimeString(),
};

/** Codicon of a state, without `$()`. */
export const stateIcons: Readonly<Record<SessionState["kind"], string>> = {
  stopped: "circle-outline",
  starting: "sync",
  ready: "pass-filled",
  stopping: "sync",
  crashed: "error",
  failed: "error",
  restarting: "history",
};

/**
 * What follows an app's name in the sidebar: `:3000 · 412 MB · npm run dev`.
 * @param now milliseconds since the epoch
 */
export function describeServer(server: Server, now: number = Date.now()): string {
  const command = commandOf(server);
  const role = roleOf(server);
  if (role !== "server") return [role, addressOf(server), command].filter(Boolean).join(" · ");
  const resources = server.session?.resources;
  return [
    stateLine(server, now),
    agentOf(server),
    resources && memoryWords(rounded(resources.memoryBytes)),
    command,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The agent that had it started: it isn't the person's own, and may end by itself. */
function agentOf({ session }: Server): string | undefined {
  if (session?.startedBy?.kind !== "agent" || !isLive(session.state)) return undefined;
  return starterWords(session.startedBy);
}

/** Where something runs that isn't ours. */
function addressOf({ summary }: Server): string | undefined {
  return summary?.external && externalAddress(summary.external);
}

/** To two digits of a megabyte: enough to see a server that grows, and steady enough to click on. */
function rounded(bytes: number): number {
  const megabyte = 1024 * 1024;
  return Number((bytes / megabyte).toPrecision(2)) * megabyte;
}

/** Everything about a server, as Markdown for tooltips. */
export function serverTooltip(server: Server, clock: LocalTime): string {
  const command = commandOf(server);
  const rows = [
    ...stateRows(server, clock),
    ...buildRows(server),
    ...resourceRows(server),
    ...(command ? [`Command: ${code(command)}`] : []),
    ...(server.session ? [`Directory: ${code(server.session.cwd)}`] : directoryOf(server)),
    ...(server.summary?.framework ? [`Framework: ${escapeMarkdown(server.summary.framework)}`] : []),
    ...starterRows(server, clock),
    ...holderRows(server),
  ];
  return `**${escapeMarkdown(server.app)}** in ${escapeMarkdown(server.place)}\n\n${rows.join("  \n")}`;
}

/** Errors shown in a tooltip; the others are in the editor's Problems. */
const shownErrors = 3;

function buildRows({ session }: Server): string[] {
  if (session?.build?.status !== "failed") return [];
  const { errors, errorCount } = session.build;
  const rows = errors.slice(0, shownErrors).map(({ message, place }) => {
    const where = place ? `${code(placeWords(place))}: ` : "";
    return `${where}${escapeMarkdown(message)}`;
  });
  return errorCount > rows.length ? [...rows, `… and ${errorCount - rows.length} more errors`] : rows;
}

function resourceRows({ session }: Server): string[] {
  if (!session?.resources) return [];
  const { cpuPercent, memoryBytes, processes } = session.resources;
  const count = processes === 1 ? "1 process" : `${processes} processes`;
  return [`Uses ${memoryWords(memoryBytes)} and ${cpuWords(cpuPercent)} of a core in ${count}`];
}

function starterRows({ session }: Server, clock: LocalTime): string[] {
  if (!session?.startedBy || session.hosting === "adopted" || session.state.kind === "stopped") return [];
  const who = escapeMarkdown(starterWords(session.startedBy));
  return [`Started by ${who}, at ${clock.timeOfDay(session.startedAt)}`];
}

function holderRows({ session }: Server): string[] {
  const labels = session?.holders.map(({ label }) => escapeMarkdown(label)) ?? [];
  return labels.length > 0 ? [`Used by: ${labels.join("; ")}`] : [];
}

function directoryOf(server: Server): string[] {
  return server.summary ? [`Directory: ${code(server.summary.cwd)}`] : [];
}

function stateRows(server: Server, clock: LocalTime): string[] {
  const { state } = server;
  const role = roleOf(server);
  if (role === "task") return ["A task: it is done before what depends on it starts"];
  if (role === "external")
    return [
      `Runs elsewhere, at ${escapeMarkdown(addressOf(server) ?? "")}: waited for, never started or stopped`,
    ];
  switch (state.kind) {
    case "ready":
      return [
        `Ready at [${escapeMarkdown(state.url)}](${encodeURI(state.url)})`,
        ...(state.displaced ? [`Port ${escapeMarkdown(displacedWords(state.displaced))}`] : []),
        `Process ${state.pid}, since ${clock.timeOfDay(state.since)}`,
        ...(server.session?.hosting === "adopted" ? ["Started by hand, adopted by Devlatch"] : []),
      ];
    case "starting":
      return [
        capitalised(startingWords(state, clock.now())),
        ...(state.asks === undefined ? [] : [`It asks on its terminal: ${escapeMarkdown(state.asks)}`]),
        ...(portOf(server) === undefined ? [] : [`Port: ${portOf(server)}`]),
      ];
    case "crashed":
      return [
        `Crashed at ${clock.timeOfDay(state.since)}: ${escapeMarkdown(spoken(state.error.message))}`,
        escapeMarkdown(editorRemedy(state.error.remedy)),
      ];
    case "stopping":
      return [`Stopping since ${clock.timeOfDay(state.since)}`];
    case "failed":
      return [
        `Failed at ${clock.timeOfDay(state.since)}: ${escapeMarkdown(spoken(state.error.message))}`,
        escapeMarkdown(editorRemedy(state.error.remedy)),
      ];
    case "restarting":
      return [
        `Ended at ${clock.timeOfDay(state.since)}: ${escapeMarkdown(spoken(state.error.message))}`,
        `Started again at ${clock.timeOfDay(state.at)}, ${state.attempt} of ${mostRestarts} in a row`,
      ];
    case "stopped": {
      const by = otherStopper(state);
      const who = by
        ? [capitalised(`${escapeMarkdown(stoppedByWords(by))} at ${clock.timeOfDay(state.since)}`)]
        : [];
      return [...who, portOf(server) === undefined ? "Stopped" : `Stopped. Port: ${portOf(server)}`];
    }
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Text as Markdown code, whatever backticks it contains (CommonMark 6.1). */
export function code(text: string): string {
  const line = plainText(text.replaceAll(/\s+/g, " "));
  const runs = (line.match(/`+/g) ?? []).map((run) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Text that Markdown shows as it is: output and file names must not become links or images. */
export function escapeMarkdown(text: string): string {
  return plainText(text.replaceAll(/\s+/g, " ")).replaceAll(/[\\`*_{}[\]()#+\-!<>|~$&]/g, "\\$&");
}
