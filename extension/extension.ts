import * as vscode from "vscode";
import { Scope } from "../shared/base/disposable.ts";
import { SingleFlight } from "../shared/base/single-flight.ts";
import { build, version } from "../shared/base/version.ts";
import { locateHome } from "../shared/client/home.ts";
import type { LiveClient } from "../shared/client/live-client.ts";
import type { StartResult } from "../shared/protocol/methods.ts";
import { serveWindowAgents } from "./agents/agents.ts";
import { BeginView } from "./begin/begin-view.ts";
import { offerCommandLine } from "./command-line/offer.ts";
import { announceAlerts } from "./commands/alert-notices.ts";
import { sendHealthThresholds } from "./commands/health-setting.ts";
import { registerCommands } from "./commands/register.ts";
import { tellWhoStops } from "./commands/stop-notices.ts";
import { watchStoreSetting } from "./commands/store-setting.ts";
import { agentReach, openConnection } from "./connection/open-connection.ts";
import { WindowPause } from "./connection/window-pause.ts";
import { editorSettings } from "./contributions/editor-settings.ts";
import { LateFiles } from "./detect/late-files.ts";
import { registerLanguage } from "./language/language.ts";
import { LogChannel } from "./log/log-channel.ts";
import { BuildProblems } from "./sources/build-problems.ts";
import { SourceLinks } from "./sources/source-links.ts";
import { StateRepository } from "./state/repository.ts";
import { stateSource } from "./state/state-source.ts";
import { localTime } from "./state/words.ts";
import { EditorWorkspace } from "./state/workspace-source.ts";
import { offerTasks } from "./tasks/provider.ts";
import { watchTerminalsLater } from "./terminals/late-watching.ts";
import { Outputs } from "./terminals/output.ts";
import { Terminals } from "./terminals/terminals.ts";
import { speakEditorLanguage } from "./translations.ts";
import { showAlertsInStatusBar } from "./views/alert-status.ts";
import { bindContextKeys } from "./views/context-keys.ts";
import { StatusBar } from "./views/status-bar.ts";
import { createViews } from "./views/views.ts";
import { LateDashboard, LatePhone } from "./webview/late-pages.ts";

/** What the extension offers to others: the window's state, and the connection it comes from. */
export interface DevlatchApi {
  readonly state: Pick<StateRepository, "current" | "onChanged" | "until">;
  readonly connection: Pick<LiveClient, "link" | "request">;
  readonly statusBar: Pick<StatusBar, "shown">;
  readonly links: Pick<SourceLinks, "provideTerminalLinks" | "handleTerminalLink">;
}

/** Called by the editor once it has started. */
export function activate(context: vscode.ExtensionContext): DevlatchApi {
  speakEditorLanguage();
  const scope = new Scope();
  context.subscriptions.push(scope);
  const home = locateHome();
  const script = context.asAbsolutePath("dist/daemon.js");
  const connection = openConnection(scope, home, { script, build });
  const workspace = scope.add(new EditorWorkspace());
  const state = scope.add(
    new StateRepository(stateSource(connection), workspace, new LateFiles(home.directory)),
  );
  const terminals = scope.add(new Terminals(connection, state));
  const outputs = scope.add(new Outputs(connection, state));
  const { logFile } = home;
  const pages = vscode.Uri.file(context.asAbsolutePath("dist"));
  const services = {
    connection,
    state,
    terminals,
    outputs,
    dashboard: scope.add(new LateDashboard(state, connection, pages)),
    phone: scope.add(new LatePhone(state, connection, pages)),
    pause: scope.add(new WindowPause(connection)),
    starts: new SingleFlight<StartResult | undefined>(),
    log: scope.add(new LogChannel(state, `Devlatch ${version} (${build})`)),
    build,
    script,
    logFile,
    settings: editorSettings,
  };
  const statusBar = scope.add(new StatusBar(state, localTime));
  scope.add(showAlertsInStatusBar(state));
  const { isServersVisible } = scope.add(createViews(state, localTime));
  scope.add(new BeginView(state));
  const memory = context.workspaceState;
  scope.add(watchTerminalsLater({ connection, state, terminals, isServersVisible, memory }));
  scope.add(bindContextKeys(state));
  scope.add(registerCommands(services));
  scope.add(announceAlerts(services));
  scope.add(tellWhoStops(services));
  scope.add(watchStoreSetting(services));
  scope.add(sendHealthThresholds(services));
  scope.add(registerLanguage(connection));
  scope.add(new BuildProblems(state));
  scope.add(offerTasks(services));
  const reach = (agent: string) => agentReach(home, { script, build }, agent);
  scope.add(serveWindowAgents({ state, reach, program: context.asAbsolutePath("dist/devlatch.js") }));
  // A terminal without the command is no reason for the editor to complain.
  void offerCommandLine(context).catch(() => {});
  const links = scope.add(new SourceLinks(terminals));
  return { state, connection, statusBar, links };
}
