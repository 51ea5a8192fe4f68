import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { commands } from "../contributions/commands.ts";
import { StopsByOthers } from "../state/stops-by-others.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";

/** Tells who had a server stopped that this window uses, unless its user wants to hear of the worst alone. */
export function tellWhoStops({ state, settings }: Services): Disposable {
  const scope = new Scope();
  const stops = new StopsByOthers(() => `window of ${vscode.workspace.name ?? "no folder"}`);
  const look = () => {
    const { notifications } = settings();
    for (const { server, words } of stops.take(state.current)) {
      if (notifications === "off" || notifications === "critical") continue;
      const start = t("Start");
      void say("information", words, start).then((picked) => {
        if (picked === start) void vscode.commands.executeCommand(commands.start.id, { server });
      });
    }
  };
  scope.add(state.onChanged(look));
  look();
  return scope;
}
