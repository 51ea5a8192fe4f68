import * as z from "zod";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import { containerWords, stopAdvice } from "../../shared/model/container.ts";
import { HolderView } from "../../shared/model/holder.ts";
import {
  distinct,
  Listener,
  type PortClient,
  ProcessView,
  serverWords,
  shortCommand,
} from "../../shared/model/process.ts";
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

/** `Port 3000 is used by node old.js.`: the headline of a dialog. @param clause behind the port's number */
export function holderLine(port: number, listeners: readonly Listener[], clause = ""): string {
  const [first, ...others] = distinct(listeners);
  if (first === undefined) return `Port ${port}${clause} is in use.`;
  const { server, container, command } = first;
  const ours = server ? `the server ${serverWords(server)}` : undefined;
  const who = ours ?? (container ? plainText(containerWords(container)) : shortCommand(command, longestName));
  return `Port ${port}${clause} is used by ${who}${others.length > 0 ? ` and ${others.length} more` : ""}.`;
}

/** Who is connected, for a dialog: `Connected to it: node client.js (12), chrome (40)`; empty without clients. */
export function describeClients(clients: readonly PortClient[]): string {
  const named = clients.map(({ pid, command }) => `${shortCommand(command, longestName)} (${pid})`);
  return named.length === 0 ? "" : `Connected to it: ${named.join(", ")}`;
}

/** The processes as a dialog shows them, one block each. */
export function describeListeners(listeners: readonly Listener[]): string {
  return distinct(listeners).map(describeListener).join("\n\n");
}

function describeListener(listener: Listener): string {
  const { address, port } = listener;
  return [
    describeProcess(listener),
    `Listens on: ${address.includes(":") ? `[${address}]` : address}:${port}`,
    belonging(listener),
  ].join("\n");
}

/** Whose it is, and what follows from that. */
function belonging({ port, server, session, container, carriesCaller }: Listener): string {
  if (container)
    return `Serves: ${plainText(containerWords(container))}. To free the port, ${stopAdvice(container, port)}`;
  if (server) return `Server: ${server.app} of the workspace ${plainText(server.root)}`;
  if (session !== undefined) return "Server: one of Devlatch's";
  if (carriesCaller) return "This window runs in it: to end it would end the window, so Devlatch doesn't.";
  return "Not started by Devlatch";
}

/** A process as a dialog shows it before it may be ended. */
function describeProcess({ pid, command, cwd, user }: ProcessView): string {
  return [
    `Command: ${shortCommand(command)}`,
    `Process: ${pid}`,
    `Directory: ${plainText(cwd ?? "unknown")}`,
    `User: ${plainText(user ?? "unknown")}`,
  ].join("\n");
}

const Concerned = z.object({ process: ProcessView.optional(), holders: z.array(HolderView).optional() });

/** What a `CONSENT_REQUIRED` is about beyond its message, as a dialog shows it; else what the error says to do. */
export function describeConsent({ data, remedy }: ErrorShape): string {
  const { process, holders = [] } = Concerned.safeParse(data).data ?? {};
  const users = holders.length > 0 ? "It ends for them, too." : "";
  return [users, process && describeProcess(process)].filter(Boolean).join("\n\n") || editorRemedy(remedy);
}

/** Whose the server was that a consent has ended, in sentences; undefined where that isn't known. */
export function whoseItWas({ data }: ErrorShape): string | undefined {
  const { process, holders = [] } = Concerned.safeParse(data).data ?? {};
  const users = [...new Set(holders.map(userWords))];
  const parts = [
    ...(users.length > 0 ? [`It was also used by ${users.join(", ")}.`] : []),
    ...(process ? [`It had been started by hand: ${shortCommand(process.command, longestName)}.`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** Whether it is about a process that was started by hand. */
export function endsForeignProcess({ data }: ErrorShape): boolean {
  return Concerned.safeParse(data).data?.process !== undefined;
}
