import { readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Listener } from "../../shared/model/process.ts";
import { hiddenWords } from "../../shared/model/process-words.ts";
import type { ThreadMessage } from "../../shared/model/thread.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import type { Services } from "../commands/services.ts";
import { chooseServer } from "../commands/targets.ts";
import type { Server } from "../state/servers.ts";
import { attachable } from "./attachable.ts";
import { inspectorLines, inspectorPorts, isRefusal, usualInspectorPort } from "./inspector-ports.ts";

/** How long Node may take to let a debugger in once it was asked to, in milliseconds: it does so between two turns. */
const openTimeoutMs = 10_000;
const lookEveryMs = 100;

/** The debugger's own places of code that is made of other code, and where Vite puts what it makes of its configuration. */
const resolveSourceMapLocations = ["**", "!**/node_modules/**", "**/node_modules/.vite-temp/**"];

/**
 * Attaches the editor's debugger for JavaScript to the process that listens.
 * @returns whether a session began; undefined if the user picks no server
 * @throws DevlatchError `NOT_RUNNING` where nothing of this machine listens, `INVALID_INPUT` where that isn't Node,
 *   `PORT_CONFLICT` where another process has the port that a debugger would come in by, `DEADLINE`
 */
export async function attachDebugger(argument: unknown, services: Services): Promise<boolean | undefined> {
  const server = await chooseServer(
    argument,
    {
      question: t("Attach the debugger to which server?"),
      fits: ({ state }) => state.kind === "ready",
      nothing: t("No server of this workspace is ready."),
    },
    services,
  );
  if (server === undefined) return undefined;
  const port = await openInspector(server, services);
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(server.cwd));
  const cwd = server.session?.cwd ?? server.cwd;
  return vscode.debug.startDebugging(folder, {
    type: "node",
    request: "attach",
    name: t("Attach to {0}", server.app),
    // Node lets debuggers in there; by the name localhost the debugger would try ::1 and no other.
    address: "127.0.0.1",
    port,
    cwd,
    skipFiles: ["<node_internals>/**"],
    resolveSourceMapLocations,
  });
}

/** @returns the port by which a debugger gets into the server's process, which is asked to open it if need be */
async function openInspector(server: Server, services: Services): Promise<number> {
  const listener = await nodeOf(server, services);
  const before = await saidOf(server, services);
  const open = await openPort(listener, before, services);
  if (open !== undefined) return open;
  letDebuggerIn(listener.pid);
  const until = performance.now() + openTimeoutMs;
  while (performance.now() < until) {
    const said = await saidOf(server, services);
    const port = await openPort(listener, said, services);
    if (port !== undefined) return port;
    const newest = said.at(-1);
    const isRefused =
      newest !== undefined && newest.seq > (before.at(-1)?.seq ?? -1) && isRefusal(newest.text);
    if (isRefused) throw await portTaken(server.app, services);
    await pause(lookEveryMs);
  }
  throw new DevlatchError(
    "DEADLINE",
    t("{0} let no debugger in within {1} s.", server.app, openTimeoutMs / 1000),
    t("It may be busy. Try again."),
  );
}

/** The process that serves, once it is known to be Node and that very one. */
async function nodeOf({ app, state }: Server, { connection }: Services): Promise<Listener> {
  if (state.kind !== "ready")
    throw new DevlatchError("NOT_RUNNING", t("{0} isn't ready.", app), t("Start it first."));
  const found = await request(operations.port.requests.inspect, { port: state.port }, {}, connection);
  const answer = attachable(state, found.listeners, programOf);
  switch (answer.kind) {
    case "yes":
      return answer.listener;
    case "unseen":
      throw new DevlatchError(
        "NOT_RUNNING",
        t("The process of {0} can't be seen on this machine.", app),
        t("Attach from the machine it runs on."),
      );
    case "foreign":
      throw new DevlatchError(
        "INVALID_INPUT",
        t("{0} runs on {1}, and only Node can be attached to.", app, answer.program),
        t("Start it with a launch configuration of its own language."),
      );
  }
}

/** What the process said of its inspector, in its order. */
async function saidOf({ app, cwd }: Server, { connection }: Services): Promise<readonly ThreadMessage[]> {
  const { messages } = await connection.request("session/logs", { cwd, app, grep: inspectorLines });
  return messages;
}

/** Of the ports that its command line and its output name, and the usual one, that which this very process listens on. */
async function openPort(
  { pid, command }: Listener,
  said: readonly ThreadMessage[],
  { connection }: Services,
): Promise<number | undefined> {
  for (const port of inspectorPorts(command, said)) {
    const { listeners } = await request(operations.port.requests.inspect, { port }, {}, connection);
    if (listeners.some((one) => one.pid === pid)) return port;
  }
  return undefined;
}

/** Node has one port for debuggers, and opens none where another process has it. */
async function portTaken(app: string, { connection }: Services): Promise<DevlatchError> {
  const port = usualInspectorPort;
  const found = await request(operations.port.requests.inspect, { port }, {}, connection);
  const [other] = found.listeners;
  const who =
    other === undefined ? hiddenWords(found.hidden) : t("{0} (process {1})", other.command, other.pid);
  return new DevlatchError(
    "PORT_CONFLICT",
    who === ""
      ? t("{0} can't be debugged: port {1}, where Node lets a debugger in, is taken.", app, port)
      : t("{0} can't be debugged: port {1}, where Node lets a debugger in, is taken by {2}.", app, port, who),
    t("End that debugger, or give the app the env NODE_OPTIONS=--inspect-port=0, which takes a free port."),
  );
}

/** SIGUSR1, or what stands for it on Windows. The caller has just seen that the process is Node: it would end any other. */
function letDebuggerIn(pid: number): void {
  // Not among Node's types, but all debuggers use it.
  const { _debugProcess } = process as unknown as { _debugProcess(pid: number): void };
  _debugProcess(pid);
}

/** Linux tells a process' program; its title, which Next changes, says nothing. */
function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
}
