import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import * as z from "zod";
import { toErrorShape } from "../../shared/base/errors.ts";
import { Port } from "../../shared/model/app.ts";
import type { Listener } from "../../shared/model/process.ts";
import { distinct, hiddenAdvice, hiddenWords } from "../../shared/model/process-words.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import type { PortResult } from "../../shared/protocol/methods.ts";
import { portOf, serverAt } from "../state/servers.ts";
import { canBeEnded, describeClients, describeListeners, holderLine, serverAmong } from "./port-conflict.ts";
import { report } from "./report.ts";
import { askWith, say } from "./say.ts";
import type { Services } from "./services.ts";
import { takeDown } from "./stop.ts";
import { serverOfRow } from "./targets.ts";

const { inspect, free } = operations.port.requests;

/**
 * Shows who listens on a port, and frees it with the user's consent. @param argument a row of the Servers view, or
 * `{port}`
 */
export async function inspectPort(argument: unknown, services: Services): Promise<void> {
  const server = serverOfRow(argument);
  const port = (server ? portOf(server) : portGiven(argument)) ?? (await askForPort());
  if (port === undefined) return;
  try {
    const found = await request(inspect, { port }, {}, services.connection);
    if (found.listeners.length > 0) await offerToFree(found, services);
    else if (found.hidden.length > 0) tellOutOfSight(found);
    else void say("information", t("Nothing listens on port {0}.", port));
  } catch (error) {
    report(toErrorShape(error), services);
  }
}

/** The first button is the one that the Enter key presses: it does nothing. */
async function offerToFree({ port, listeners, clients }: PortResult, services: Services): Promise<void> {
  const detail = [describeListeners(listeners), describeClients(clients)].filter(Boolean).join("\n\n");
  const actions = portActions(listeners, services);
  const picked = await askWith("warning", holderLine(port, listeners), detail, [
    { title: t("Close"), run: async () => {} },
    ...actions,
  ]);
  await picked?.run();
}

/** What can be done about who has a port. In Restricted Mode looking is all there is. */
function portActions(listeners: readonly Listener[], services: Services): readonly PortAction[] {
  const { trusted } = services.state.current;
  const ours = serverAmong(listeners);
  const server = ours && serverAt(services.state.current, ours);
  if (server !== undefined) {
    const show = { title: t("Show"), run: async () => void services.terminals.show(server) };
    const stop = { title: t("Stop"), run: async () => void (await takeDown(server, services)) };
    return trusted ? [show, stop] : [];
  }
  const title = distinct(listeners).length === 1 ? t("End That Process") : t("End Those Processes");
  return trusted && canBeEnded(listeners) ? [{ title, run: () => endListeners(listeners, services) }] : [];
}

interface PortAction extends vscode.MessageItem {
  run(): Promise<void>;
}

async function endListeners(listeners: readonly Listener[], { connection }: Services): Promise<void> {
  const [first] = listeners;
  if (first === undefined) return;
  const { port } = first;
  const { freed } = await request(free, { port }, { consent: listeners }, connection);
  const ended = freed.map(({ pid }) => pid).join(", ");
  void say(
    "information",
    ended === ""
      ? t("Port {0} is free. Nothing was left to end.", port)
      : t("Port {0} is free. Ended: {1}.", port, ended),
  );
}

function tellOutOfSight({ port, hidden }: PortResult): void {
  void say("warning", t("Port {0} is used by {1}. {2}", port, hiddenWords(hidden), hiddenAdvice(port)));
}

async function askForPort(): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: t("Which port?"),
    placeHolder: "3000",
    validateInput: (typed) =>
      parsePort(typed) === undefined ? t("A port is a whole number from 1 to 65535") : undefined,
  });
  return text === undefined ? undefined : parsePort(text);
}

function portGiven(argument: unknown): number | undefined {
  return z.object({ port: Port }).safeParse(argument).data?.port;
}

function parsePort(text: string): number | undefined {
  return /^\s*\d{1,5}\s*$/.test(text) ? Port.safeParse(Number(text)).data : undefined;
}
