import { t } from "@vscode/l10n";
import * as z from "zod";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import { containerWords, stopAdvice } from "../../shared/model/container.ts";
import { HolderView } from "../../shared/model/holder.ts";
import { Listener, type PortClient, ProcessView } from "../../shared/model/process.ts";
import { distinct, serverWords, shortCommand } from "../../shared/model/process-words.ts";
import { editorRemedy } from "../state/state-line.ts";
import { userWords } from "../state/stopper-words.ts";

/** Longest command line in a headline or a list, in characters. */
const longestName = 80;

const PortConflict = z.object({ port: z.int(), listeners: z.array(Listener), next: z.int().optional() });
export type PortConflict = z.infer<typeof PortConflict>;

/** Who holds the port and which one could be had instead, from a `PORT_CONFLICT`; undefined where neither is known. */
export function conflictOf(error: ErrorShape): PortConflict | undefined {
  const parsed = PortConflict.safeParse(error.data).data;
  return parsed && (parsed.listeners.length > 0 || parsed.next !== undefined)
    ? { ...parsed, listeners: distinct(parsed.listeners) }
    : undefined;
}

/**
 * Whether ending them is a way to free the port: a container's proxy is not the container, the server of a session is in
 * use elsewhere, and what this window runs in takes the window along.
 */
export function canBeEnded(listeners: readonly Listener[]): boolean {
  return (
    listeners.length > 0 &&
    listeners.every(
      ({ container, session, carriesCaller }) =>
        container === undefined && session === undefined && carriesCaller !== true,
    )
  );
}

/** The server of Devlatch's that alone has a port; undefined where another process has it, too. */
export function serverAmong(listeners: readonly Listener[]): NonNullable<Listener["server"]> | undefined {
  const [first, ...others] = listeners.map(({ server }) => server);
  const isSame = (one: Listener["server"]) => one?.app === first?.app && one?.root === first?.root;
  return others.every(isSame) ? first : undefined;
}

/**
 * `Port 3000 is used by node old.js.`: the headline of a dialog.
 * @param wanting the app that wants the port, if one does
 */
export function holderLine(port: number, listeners: readonly Listener[], wanting?: string): string {
  const who = holderWords(distinct(listeners));
  if (wanting === undefined)
    return who === undefined ? t("Port {0} is in use.", port) : t("Port {0} is used by {1}.", port, who);
  return who === undefined
    ? t("Port {0}, which {1} wants, is in use.", port, wanting)
    : t("Port {0}, which {1} wants, is used by {2}.", port, wanting, who);
}

function holderWords([first, ...others]: readonly Listener[]): string | undefined {
  if (first === undefined) return undefined;
  const { server, container, command } = first;
  const ours = server ? t("the server {0}", serverWords(server)) : undefined;
  const who = ours ?? (container ? plainText(containerWords(container)) : shortCommand(command, longestName));
  return others.length > 0 ? t("{0} and {1} more", who, others.length) : who;
}

/** Who is connected, for a dialog: `Connected to it: node client.js (12), chrome (40)`; empty without clients. */
export function describeClients(clients: readonly PortClient[]): string {
  const named = clients.map(({ pid, command }) => `${shortCommand(command, longestName)} (${pid})`);
  return named.length === 0 ? "" : t("Connected to it: {0}", named.join(", "));
}

/** The processes as a dialog shows them, one block each. */
export function describeListeners(listeners: readonly Listener[]): string {
  return distinct(listeners).map(describeListener).join("\n\n");
}

function describeListener(listener: Listener): string {
  const { address, port } = listener;
  return [
    describeProcess(listener),
    t("Listens on: {0}", `${address.includes(":") ? `[${address}]` : address}:${port}`),
    belonging(listener),
  ].join("\n");
}

/** Whose it is, and what follows from that. */
function belonging({ port, server, session, container, carriesCaller }: Listener): string {
  if (container)
    return t(
      "Serves: {0}. To free the port, {1}",
      plainText(containerWords(container)),
      stopAdvice(container, port),
    );
  if (server) return t("Server: {0} of the workspace {1}", server.app, plainText(server.root));
  if (session !== undefined) return t("Server: one of Devlatch's");
  if (carriesCaller) return t("This window runs in it: to end it would end the window, so Devlatch doesn't.");
  return t("Not started by Devlatch");
}

/** A process as a dialog shows it before it may be ended. */
function describeProcess({ pid, command, cwd, user }: ProcessView): string {
  return [
    t("Command: {0}", shortCommand(command)),
    t("Process: {0}", pid),
    t("Directory: {0}", plainText(cwd ?? t("unknown"))),
    t("User: {0}", plainText(user ?? t("unknown"))),
  ].join("\n");
}

const Concerned = z.object({ process: ProcessView.optional(), holders: z.array(HolderView).optional() });

/** What a `CONSENT_REQUIRED` is about beyond its message, as a dialog shows it; else what the error says to do. */
export function describeConsent({ data, remedy }: ErrorShape): string {
  const { process, holders = [] } = Concerned.safeParse(data).data ?? {};
  const users = holders.length > 0 ? t("It ends for them, too.") : "";
  return [users, process && describeProcess(process)].filter(Boolean).join("\n\n") || editorRemedy(remedy);
}

/** Whose the server was that a consent has ended, in sentences; undefined where that isn't known. */
export function whoseItWas({ data }: ErrorShape): string | undefined {
  const { process, holders = [] } = Concerned.safeParse(data).data ?? {};
  const users = [...new Set(holders.map(userWords))];
  const parts = [
    ...(users.length > 0 ? [t("It was also used by {0}.", users.join(", "))] : []),
    ...(process ? [t("It had been started by hand: {0}.", shortCommand(process.command, longestName))] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** Whether it is about a process that was started by hand. */
export function endsForeignProcess({ data }: ErrorShape): boolean {
  return Concerned.safeParse(data).data?.process !== undefined;
}
