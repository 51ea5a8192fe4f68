import { t } from "@vscode/l10n";
import { plainText } from "../../shared/base/plain-text.ts";
import { placeWords } from "../../shared/model/build-words.ts";
import { externalAddress } from "../../shared/model/external-address.ts";
import { cpuWords, memoryWords } from "../../shared/model/resource-words.ts";
import type { SessionState } from "../../shared/model/session.ts";
import { isLive, mostRestarts } from "../../shared/model/session-state.ts";
import { starterWords } from "../../shared/model/who-words.ts";
import { commandOf, portOf, roleOf, type Server } from "./servers.ts";
import { displacedWords, editorRemedy, spoken, startingWords, stateLine } from "./state-line.ts";
import { holderWords, otherStopper, stoppedByWords } from "./stopper-words.ts";

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
  if (role !== "server") return [roleWords(role), addressOf(server), command].filter(Boolean).join(" · ");
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

function roleWords(role: "task" | "external"): string {
  return role === "task" ? t("task") : t("external");
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
    ...(command ? [t("Command: {0}", code(command))] : []),
    ...(server.session ? [t("Directory: {0}", code(server.session.cwd))] : directoryOf(server)),
    ...(server.summary?.framework ? [t("Framework: {0}", escapeMarkdown(server.summary.framework))] : []),
    ...starterRows(server, clock),
    ...holderRows(server),
  ];
  return `${t("**{0}** in {1}", escapeMarkdown(server.app), escapeMarkdown(server.place))}\n\n${rows.join("  \n")}`;
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
  return errorCount > rows.length ? [...rows, moreErrors(errorCount - rows.length)] : rows;
}

function moreErrors(count: number): string {
  return count === 1 ? t("… and 1 more error") : t("… and {0} more errors", count);
}

function resourceRows({ session }: Server): string[] {
  if (!session?.resources) return [];
  const { cpuPercent, memoryBytes, processes } = session.resources;
  const used = [memoryWords(memoryBytes), cpuWords(cpuPercent)] as const;
  return [
    processes === 1
      ? t("Uses {0} and {1} of a core in 1 process", ...used)
      : t("Uses {0} and {1} of a core in {2} processes", ...used, processes),
  ];
}

function starterRows({ session }: Server, clock: LocalTime): string[] {
  if (!session?.startedBy || session.hosting === "adopted" || session.state.kind === "stopped") return [];
  const who = escapeMarkdown(starterWords(session.startedBy));
  return [t("Started by {0}, at {1}", who, clock.timeOfDay(session.startedAt))];
}

function holderRows({ session }: Server): string[] {
  const labels = session?.holders.map((holder) => escapeMarkdown(holderWords(holder))) ?? [];
  return labels.length > 0 ? [t("Used by: {0}", labels.join("; "))] : [];
}

function directoryOf(server: Server): string[] {
  return server.summary ? [t("Directory: {0}", code(server.summary.cwd))] : [];
}

function stateRows(server: Server, clock: LocalTime): string[] {
  const { state } = server;
  const role = roleOf(server);
  if (role === "task") return [t("A task: it is done before what depends on it starts")];
  if (role === "external")
    return [
      t(
        "Runs elsewhere, at {0}: waited for, never started or stopped",
        escapeMarkdown(addressOf(server) ?? ""),
      ),
    ];
  switch (state.kind) {
    case "ready":
      return [
        t("Ready at [{0}]({1})", escapeMarkdown(state.url), encodeURI(state.url)),
        ...(state.displaced ? [t("Port {0}", escapeMarkdown(displacedWords(state.displaced)))] : []),
        t("Process {0}, since {1}", state.pid, clock.timeOfDay(state.since)),
        ...(server.session?.hosting === "adopted" ? [t("Started by hand, adopted by Devlatch")] : []),
      ];
    case "starting":
      return [
        capitalised(startingWords(state, clock.now())),
        ...(state.asks === undefined ? [] : [t("It asks on its terminal: {0}", escapeMarkdown(state.asks))]),
        ...(portOf(server) === undefined ? [] : [t("Port: {0}", portOf(server) ?? "")]),
      ];
    case "crashed":
      return [
        t("Crashed at {0}: {1}", clock.timeOfDay(state.since), escapeMarkdown(spoken(state.error.message))),
        escapeMarkdown(editorRemedy(state.error.remedy)),
      ];
    case "stopping":
      return [t("Stopping since {0}", clock.timeOfDay(state.since))];
    case "failed":
      return [
        t("Failed at {0}: {1}", clock.timeOfDay(state.since), escapeMarkdown(spoken(state.error.message))),
        escapeMarkdown(editorRemedy(state.error.remedy)),
      ];
    case "restarting":
      return [
        t("Ended at {0}: {1}", clock.timeOfDay(state.since), escapeMarkdown(spoken(state.error.message))),
        t(
          "Started again at {0}, {1} of {2} in a row",
          clock.timeOfDay(state.at),
          state.attempt,
          mostRestarts,
        ),
      ];
    case "stopped": {
      const by = otherStopper(state);
      const who = by
        ? [capitalised(t("{0} at {1}", escapeMarkdown(stoppedByWords(by)), clock.timeOfDay(state.since)))]
        : [];
      return [
        ...who,
        portOf(server) === undefined ? t("Stopped") : t("Stopped. Port: {0}", portOf(server) ?? ""),
      ];
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
