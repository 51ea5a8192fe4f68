import * as vscode from "vscode";
import * as z from "zod";
import { toErrorShape } from "../../shared/base/errors.ts";
import { Port } from "../../shared/model/app.ts";
import { distinct, hiddenAdvice, hiddenWords } from "../../shared/model/process.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import type { PortResult } from "../../shared/protocol/methods.ts";
import { portOf } from "../state/servers.ts";
import { canBeEnded, describeClients, describeListeners } from "./port-conflict.ts";
import { report } from "./report.ts";
import { ask, say } from "./say.ts";
import type { Services } from "./services.ts";
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
    else void say("information", `Nothing listens on port ${port}.`);
  } catch (error) {
    report(toErrorShape(error), services);
  }
}

async function offerToFree({ port, listeners, clients }: PortResult, services: Services): Promise<void> {
  const end = distinct(listeners).length === 1 ? "End That Process" : "End Those Processes";
  const detail = [describeListeners(listeners), describeClients(clients)].filter(Boolean).join("\n\n");
  // In Restricted Mode looking is all there is.
  const actions = services.state.current.trusted && canBeEnded(listeners) ? [end] : [];
  const picked = await ask("warning", `Port ${port} is in use.`, detail, ...actions);
  if (picked !== end) return;
  const { freed } = await request(free, { port }, { consent: listeners }, services.connection);
  const ended = freed.map(({ pid }) => pid).join(", ");
  void say("information", `Port ${port} is free. Ended: ${ended || "nothing was left to end"}.`);
}

function tellOutOfSight({ port, hidden }: PortResult): void {
  void say("warning", `Port ${port} is used by ${hiddenWords(hidden)}. ${hiddenAdvice(port)}`);
}

async function askForPort(): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: "Which port?",
    placeHolder: "3000",
    validateInput: (typed) =>
      parsePort(typed) === undefined ? "A port is a whole number from 1 to 65535" : undefined,
  });
  return text === undefined ? undefined : parsePort(text);
}

function portGiven(argument: unknown): number | undefined {
  return z.object({ port: Port }).safeParse(argument).data?.port;
}

function parsePort(text: string): number | undefined {
  return /^\s*\d{1,5}\s*$/.test(text) ? Port.safeParse(Number(text)).data : undefined;
}
