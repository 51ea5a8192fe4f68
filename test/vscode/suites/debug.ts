import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commands } from "../../../extension/contributions/commands.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import { suite } from "../support/suite.ts";
import { devlatch, untilWeb, workspaceFolder } from "./api.ts";
import { stopsAt } from "./breakpoint.ts";

/** A server in whose code the debugger is to stop. */
export const run = suite({
  "the debugger is attached to the process that serves, and stops in the code that runs for a request":
    async (signal) => {
      const api = await devlatch();
      const isNext = await exists("app/page.js");
      const started = (await vscode.commands.executeCommand(commands.start.id)) as StartResult;
      await untilWeb(api, "ready", signal);
      const place = isNext
        ? { file: "app/page.js", text: "return" }
        : { file: "server.js", text: "response.end" };
      const answer = await stopsAt(place, started.url ?? "");
      assert.match(answer, isNext ? /Hello from next/ : /Hello from plain/);
      await vscode.commands.executeCommand(commands.stop.id, { app: "web" });
    },
});

async function exists(path: string): Promise<boolean> {
  const file = vscode.Uri.joinPath(workspaceFolder(), path);
  return vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
}
