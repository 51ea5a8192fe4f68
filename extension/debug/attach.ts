import { readlinkSync } from "node:fs";
import * as vscode from "vscode";
import { DevlatchError } from "../../shared/base/errors.ts";
import { hiddenWords } from "../../shared/model/process.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import type { Services } from "../commands/services.ts";
import { chooseServer } from "../commands/targets.ts";
import type { Server } from "../state/servers.ts";
import { attachable } from "./attachable.ts";

/** Where Node opens its inspector when it is asked to by a signal. */
const inspectorPort = 9229;

/**
 * Attaches the editor's debugger for JavaScript to the process that listens.
 * @returns whether a session began; undefined if the user picks no server
 * @throws DevlatchError `NOT_RUNNING` where nothing of this machine listens, `INVALID_INPUT` where that isn't Node, `PORT_CONFLICT`
 */
export async function attachDebugger(argument: unknown, services: Services): Promise<boolean | undefined> {
  const server = await chooseServer(
    argument,
    {
      question: "Attach the debugger to which server?",
      fits: ({ state }) => state.kind === "ready",
      nothing: "No server of this workspace is ready.",
    },
    services,
  );
  if (server === undefined) return undefined;
  const pid = await pidOf(server, services);
  await checkInspectorPort(server.app, pid, services);
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(server.cwd));
  return vscode.debug.startDebugging(folder, {
    type: "node",
    request: "attach",
    name: `Attach to ${server.app}`,
    processId: String(pid),
    cwd: server.session?.cwd ?? server.cwd,
    skipFiles: ["<node_internals>/**"],
  });
}

async function pidOf({ app, state }: Server, { connection }: Services): Promise<number> {
  if (state.kind !== "ready")
    throw new DevlatchError("NOT_RUNNING", `${app} isn't ready.`, "Start it first.");
  const found = await request(operations.port.requests.inspect, { port: state.port }, {}, connection);
  const answer = attachable(state, found.listeners, programOf);
  switch (answer.kind) {
    case "yes":
      return answer.pid;
    case "unseen":
      throw new DevlatchError(
        "NOT_RUNNING",
        `The process of ${app} can't be seen on this machine.`,
        "Attach from the machine it runs on.",
      );
    case "foreign":
      throw new DevlatchError(
        "INVALID_INPUT",
        `${app} runs on ${answer.program}, and only Node can be attached to.`,
        "Start it with a launch configuration of its own language.",
      );
  }
}

/** Were it another process' already, the debugger would be attached to that one. */
async function checkInspectorPort(app: string, pid: number, { connection }: Services): Promise<void> {
  const found = await request(operations.port.requests.inspect, { port: inspectorPort }, {}, connection);
  const other = found.listeners.find((listener) => listener.pid !== pid);
  const who = other === undefined ? hiddenWords(found.hidden) : `${other.command} (process ${other.pid})`;
  if (other === undefined && found.hidden.length === 0) return;
  throw new DevlatchError(
    "PORT_CONFLICT",
    `${app} can't be debugged: port ${inspectorPort}, where Node lets a debugger in, is taken by ${who}.`,
    "Node keeps that port until the process ends: restart it, then attach again.",
  );
}

/** Linux tells a process' program; its title, which Next changes, says nothing. */
function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
}
