import { t } from "@vscode/l10n";
import { plainText } from "../../shared/base/plain-text.ts";
import { type Server, serversOf } from "./servers.ts";
import { editorRemedy, serverSentence, spoken } from "./state-line.ts";
import type { WindowState } from "./window-state.ts";

/** A line of the window's log. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  /** Plain text of one line. */
  readonly text: string;
}

/**
 * What a change of the state is worth to be written down: whether the daemon is reached, and what the workspace's servers do.
 * @param before undefined for the first
 * @param now milliseconds since the epoch
 */
export function logLines(
  before: WindowState | undefined,
  after: WindowState,
  now: number,
): readonly LogLine[] {
  return [...linkLines(before, after), ...serverLines(before, after, now)];
}

function linkLines(before: WindowState | undefined, { link }: WindowState): readonly LogLine[] {
  if (messageOf(before?.link) === messageOf(link)) return [];
  if (link.kind === "connected") return [{ level: "info", text: t("Connected to the daemon") }];
  if (link.kind === "connecting") return [];
  const { message, remedy } = link.error;
  const text = plainText(t("Not connected to the daemon: {0} {1}", spoken(message), editorRemedy(remedy)));
  return [{ level: "warn", text }];
}

/** A daemon that is away is tried again and again, which is one thing to say. */
function messageOf(link: WindowState["link"] | undefined): string | undefined {
  return link?.kind === "disconnected" ? `disconnected: ${link.error.message}` : link?.kind;
}

function serverLines(before: WindowState | undefined, after: WindowState, now: number): readonly LogLine[] {
  // What isn't connected isn't news of servers.
  if (after.link.kind !== "connected") return [];
  const known = new Map(before ? serversOf(before).map((server) => [server.key, stepOf(server)]) : []);
  return serversOf(after)
    .filter((server) => server.session !== undefined && known.get(server.key) !== stepOf(server))
    .map((server) => {
      const isBad = server.state.kind === "failed" || server.state.kind === "crashed";
      return { level: isBad ? "error" : "info", text: plainText(serverSentence(server, now)) };
    });
}

/** Seconds pass by themselves; a step of a start is news. */
function stepOf({ state }: Server): string {
  return state.kind === "starting" ? `starting ${state.phase}` : state.kind;
}
