import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { commands, editorBuiltIns } from "../contributions/commands.ts";
import { actionsOn, type ServerAction } from "../state/server-actions.ts";
import type { Server } from "../state/servers.ts";
import { editorRemedy, kindWords } from "../state/state-line.ts";
import { noticeText } from "./notice-text.ts";
import type { Services } from "./services.ts";
import { chooseServer } from "./targets.ts";

/** The status bar's click: starts what is stopped, and asks what to do with anything else. */
export async function openServerMenu(argument: unknown, services: Services): Promise<unknown> {
  const server = await chooseServer(
    argument,
    {
      question: t("Which server?"),
      fits: () => true,
      nothing: t("This workspace has no server."),
    },
    services,
  );
  if (server === undefined) return undefined;
  const argumentOfAll = { server };
  if (server.state.kind === "stopped")
    return vscode.commands.executeCommand(commands.start.id, argumentOfAll);
  const picked = await pick(server);
  if (picked === undefined) return undefined;
  const isOurs = picked.command !== editorBuiltIns.showProblems;
  return vscode.commands.executeCommand(picked.command, ...(isOurs ? [argumentOfAll] : []));
}

async function pick(server: Server): Promise<ServerAction | undefined> {
  const items = actionsOn(server).map((action) => ({
    label: `$(${action.icon}) ${action.title}`,
    description: noticeText(action.detail ?? ""),
    action,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t("{0} in {1}", server.app, server.place),
    placeHolder: stateWords(server),
  });
  return picked?.action;
}

/** `ready on port 3000`; of a failure what went wrong and what to do. */
function stateWords({ state }: Server): string {
  if (state.kind === "ready") return t("ready on port {0}", state.port);
  if (!("error" in state)) return kindWords(state.kind);
  return noticeText(`${kindWords(state.kind)}: ${state.error.message} ${editorRemedy(state.error.remedy)}`);
}
