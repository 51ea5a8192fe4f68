import * as z from "zod";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import { containerWords, stopAdvice } from "../../shared/model/container.ts";
import { HolderView } from "../../shared/model/holder.ts";
import { distinct, Listener, type PortClient, ProcessView } from "../../shared/model/process.ts";

const PortConflict = z.object({ port: z.int(), listeners: z.array(Listener) });
export type PortConflict = z.infer<typeof PortConflict>;

/** Who holds the port, from a `PORT_CONFLICT`; undefined where the daemon couldn't tell. */
export function conflictOf(error: ErrorShape): PortConflict | undefined {
  const parsed = PortConflict.safeParse(error.data).data;
  return parsed && parsed.listeners.length > 0
    ? { ...parsed, listeners: distinct(parsed.listeners) }
    : undefined;
}

/**
 * Whether ending them is a way to free the port: a container's proxy is not the container, and the server of a session is in
 * use elsewhere.
 */
export function canBeEnded(listeners: readonly Listener[]): boolean {
  return listeners.every(({ container, session }) => container === undefined && session === undefined);
}

/** Who is connected, for a dialog: `Connected to it: node client.js (12), chrome (40)`; empty without clients. */
export function describeClients(clients: readonly PortClient[]): string {
  const named = clients.map(({ pid, command }) => `${plainText(command)} (${pid})`);
  return named.length === 0 ? "" : `Connected to it: ${named.join(", ")}`;
}

/** The processes as a dialog shows them, one block each. */
export function describeListeners(listeners: readonly Listener[]): string {
  return distinct(listeners).map(describeListener).join("\n\n");
}

function describeListener(listener: Listener): string {
  const { address, port, session, container } = listener;
  return [
    describeProcess(listener),
    `Listens on: ${address.includes(":") ? `[${address}]` : address}:${port}`,
    container
      ? `Serves: ${plainText(containerWords(container))}. To free the port, ${stopAdvice(container, port)}`
      : `Session: ${session ? `${session}. Stop it from its own workspace, or in the Servers view.` : "none (not started by Devlatch)"}`,
  ].join("\n");
}

/** A process as a dialog shows it before it may be ended. */
function describeProcess({ pid, command, cwd, user }: ProcessView): string {
  return [
    `Command: ${plainText(command)}`,
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
  return [users, process && describeProcess(process)].filter(Boolean).join("\n\n") || remedy;
}

/** Whether it is about a process that was started by hand. */
export function endsForeignProcess({ data }: ErrorShape): boolean {
  return Concerned.safeParse(data).data?.process !== undefined;
}
