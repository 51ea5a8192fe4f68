import { DevlatchError } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import { containerWords, stopAdvice } from "../../../shared/model/container.ts";
import type { Listener } from "../../../shared/model/process.ts";
import { distinct, hiddenAdvice, hiddenWords } from "../../../shared/model/process-words.ts";
import { appOfSession } from "../../../shared/model/session-names.ts";
import { request } from "../../../shared/operations/operation.ts";
import { port as portOperation } from "../../../shared/operations/ports.ts";
import type { PortResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import { type Paint, printable, uncut } from "../output/style.ts";
import { clientTable, listenerTable, processTable } from "../output/words.ts";
import { confirm } from "./consent.ts";
import { verb } from "./verb.ts";

const { inspect, free } = portOperation.requests;

export const port = verb(portOperation, async (input, context) => {
  const connection = await context.ensure();
  const found = await context.ask(inspect, input, connection);
  if (input.free === true && found.hidden.length > 0) throw outOfSight(found);
  const wanted = input.free === true && found.listeners.length > 0;
  const result = wanted ? await endListeners(connection, found, input.yes === true, context) : found;
  return { data: result, text: portText(result, context.output.paint) };
});

/** Ends exactly the processes that were shown (or that `--yes` agreed to unseen), told by pid and start time. */
async function endListeners(
  connection: Connection,
  { port, listeners }: PortResult,
  yes: boolean,
  context: Context,
): Promise<PortResult> {
  const published = listeners.filter(({ container }) => container);
  // No question: the daemon doesn't end what serves a container, and says what to do instead.
  if (published.length === 0 && !yes) await askFirst(port, listeners, context);
  const consent = published.length === 0 ? listeners : published;
  return request(free, { port }, { consent }, connection, context.signal);
}

async function askFirst(port: number, listeners: readonly Listener[], context: Context): Promise<void> {
  const { output } = context;
  const message = `Port ${port} was not freed: no one agreed to ending what listens on it.`;
  const remedy = remedyFor(port, listeners);
  if (!output.dialogue) throw new DevlatchError("CONSENT_REQUIRED", message, remedy, { data: { listeners } });
  output.ask(`Port ${port} is held by:\n${listenerTable(listeners, uncut(output.paintError))}`);
  const count = distinct(listeners).length;
  const question = count === 1 ? "End this process?" : `End these ${count} processes?`;
  // Who listens was just shown; the error doesn't repeat it.
  if (!(await confirm(context, question))) throw new DevlatchError("CONSENT_REQUIRED", message, remedy);
}

function remedyFor(port: number, listeners: readonly Listener[]): string {
  const session = listeners.find((listener) => listener.session !== undefined)?.session;
  const app = session === undefined ? undefined : appOfSession(session);
  const end = `End it with: devlatch port ${port} --free --yes`;
  return app ? `It is a server of Devlatch, so better: devlatch stop ${app}. Or: ${end}` : end;
}

function outOfSight({ port, hidden }: PortResult): DevlatchError {
  return new DevlatchError(
    "PORT_CONFLICT",
    `Port ${port} was not freed: it is used by ${printable(hiddenWords(hidden))}.`,
    hiddenAdvice(port),
    { data: { port, hidden } },
  );
}

function containersText(port: number, listeners: readonly Listener[]): readonly string[] {
  const lines = listeners.flatMap(({ pid, container }) =>
    container
      ? [`Pid ${pid} serves ${printable(containerWords(container))}: ${stopAdvice(container, port)}`]
      : [],
  );
  return lines.length === 0 ? [] : [[...new Set(lines)].join("\n")];
}

/** Who listens, who is connected, and who was ended, for people. */
export function portText(
  { port, listeners, hidden, clients, freed, notice }: PortResult,
  paint: Paint,
): string {
  const parts: string[] = [];
  if (freed.length > 0) parts.push(`Ended:\n${processTable(freed, paint)}`);
  if (hidden.length > 0) {
    parts.push(`Port ${port} is used by ${printable(hiddenWords(hidden))}.\n${hiddenAdvice(port)}`);
  } else if (listeners.length === 0) parts.push(`Nothing listens on port ${port}`);
  if (listeners.length > 0) parts.push(`Port ${port} is held by:\n${listenerTable(listeners, paint)}`);
  parts.push(...containersText(port, listeners));
  if (clients.length > 0) parts.push(`Connected to it:\n${clientTable(clients, paint)}`);
  if (notice !== undefined) parts.push(printable(notice));
  return parts.join("\n\n");
}
