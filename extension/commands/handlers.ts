import "../zod-without-eval.ts";

import { toErrorShape } from "../../shared/base/errors.ts";
import { type CommandName, commands } from "../contributions/commands.ts";
import { attachDebugger } from "../debug/attach.ts";
import { addApp } from "./add-app.ts";
import { startAll, stopAll } from "./all.ts";
import { breakLock } from "./break-lock.ts";
import { copyUrl, openInBrowser, openPreview } from "./browser.ts";
import { waitForBuild } from "./build.ts";
import { openConfig } from "./config.ts";
import { showDiagnostics } from "./diagnostics.ts";
import { dismiss } from "./dismiss.ts";
import {
  checkHealth,
  openTerminal,
  runDoctor,
  showDaemonLog,
  showLocks,
  showOutput,
  showStatus,
} from "./inspect.ts";
import { showQrCode } from "./phone.ts";
import { inspectPort } from "./port.ts";
import { report } from "./report.ts";
import { openServerMenu } from "./server-menu.ts";
import type { Services } from "./services.ts";
import { pauseNotifications, snoozeAlert } from "./silence.ts";
import { restart, start } from "./start.ts";
import { stop } from "./stop.ts";
import { serverOfRow } from "./targets.ts";
import { toggle } from "./toggle.ts";
import { requireTrust } from "./trust.ts";
import { trustWorkspace } from "./trust-workspace.ts";

interface Handler {
  /** `acts` starts, stops or signals something, or takes part in a server's terminal: only in a trusted workspace. */
  readonly kind: "looks" | "acts";
  /** @param argument the row of a view, or what a keybinding gives */
  run(argument: unknown, services: Services): unknown;
}

/** What every command does. */
const handlers: Readonly<Record<CommandName, Handler>> = {
  start: { kind: "acts", run: start },
  stop: { kind: "acts", run: stop },
  restart: { kind: "acts", run: restart },
  startAll: { kind: "acts", run: (_, services) => startAll(services) },
  stopAll: { kind: "acts", run: (_, services) => stopAll(services) },
  serverMenu: { kind: "looks", run: openServerMenu },
  toggleWeb: { kind: "acts", run: (_, services) => toggle("web", services) },
  toggleMobile: { kind: "acts", run: (_, services) => toggle("mobile", services) },
  attachDebugger: { kind: "acts", run: attachDebugger },
  openTerminal: { kind: "acts", run: openTerminal },
  freePort: { kind: "acts", run: inspectPort },
  breakLock: { kind: "acts", run: breakLock },
  port: { kind: "looks", run: inspectPort },
  logs: { kind: "looks", run: showOutput },
  wait: { kind: "looks", run: waitForBuild },
  openInBrowser: { kind: "looks", run: openInBrowser },
  openPreview: { kind: "looks", run: openPreview },
  copyUrl: { kind: "looks", run: copyUrl },
  showQrCode: { kind: "looks", run: showQrCode },
  status: { kind: "looks", run: (_, services) => showStatus(services) },
  locks: { kind: "looks", run: showLocks },
  health: { kind: "looks", run: (_, services) => checkHealth(services) },
  doctor: { kind: "looks", run: (_, services) => runDoctor(services) },
  openDashboard: { kind: "looks", run: (_, { dashboard }) => dashboard.show() },
  addApp: { kind: "looks", run: addApp },
  dismiss: { kind: "acts", run: dismiss },
  snoozeAlert: { kind: "looks", run: snoozeAlert },
  pauseNotifications: { kind: "looks", run: (_, services) => pauseNotifications(services) },
  diagnostics: { kind: "looks", run: (_, services) => showDiagnostics(services) },
  showDaemonLog: { kind: "looks", run: (_, services) => showDaemonLog(services) },
  trust: { kind: "looks", run: () => trustWorkspace() },
  reconnect: { kind: "looks", run: (_, services) => services.connection.reconnect() },
  restartDaemon: { kind: "acts", run: (_, services) => services.connection.restartDaemon() },
  openConfig: { kind: "looks", run: openConfig },
};

/** Does what a command says; what goes wrong is told to the user, not thrown at the editor. */
export async function runCommand(name: CommandName, argument: unknown, services: Services): Promise<unknown> {
  const handler = handlers[name];
  try {
    if (handler.kind === "acts") requireTrust();
    return await handler.run(argument, services);
  } catch (error) {
    const shape = toErrorShape(error);
    services.log.failed(commands[name].title, shape);
    report(shape, services, serverOfRow(argument));
    return undefined;
  }
}
