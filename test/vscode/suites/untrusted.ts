import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { commands } from "../../../extension/contributions/commands.ts";
import { suite } from "../support/suite.ts";
import { devlatch, statusTexts } from "./api.ts";

/** A window in restricted mode, in a home where no daemon runs. */
export const run = suite({
  "the extension is active and looks, but no daemon was started": async (signal) => {
    const api = await devlatch();
    assert.equal(vscode.workspace.isTrusted, false);
    await api.state.until(({ link }) => link.kind === "disconnected", signal);
    assert.equal(existsSync(join(process.env["DEVLATCH_HOME"] ?? "", "daemon.lock")), false);
    assert.deepEqual(statusTexts(api), []);
  },

  "its apps are there all the same, by their files": async (signal) => {
    const { state } = await devlatch();
    const { folders } = await state.until(({ folders }) => folders[0]?.isFromFiles === true, signal);
    assert.deepEqual(
      folders[0]?.sandbox?.apps.map(({ app, command }) => [app, command]),
      [["web", "npm run dev"]],
    );
    assert.equal(existsSync(join(process.env["DEVLATCH_HOME"] ?? "", "daemon.lock")), false);
  },

  "commands that run something do nothing": async () => {
    const acting = [
      "start",
      "stop",
      "restart",
      "toggleWeb",
      "toggleMobile",
      "openTerminal",
      "freePort",
    ] as const;
    for (const name of acting) {
      assert.equal(await vscode.commands.executeCommand(commands[name].id), undefined, name);
    }
    assert.equal(existsSync(join(process.env["DEVLATCH_HOME"] ?? "", "daemon.lock")), false);
  },

  "reconnecting looks again, and still starts nothing": async (signal) => {
    const api = await devlatch();
    await vscode.commands.executeCommand(commands.reconnect.id);
    await api.state.until(({ link }) => link.kind === "disconnected", signal);
    assert.equal(existsSync(join(process.env["DEVLATCH_HOME"] ?? "", "daemon.lock")), false);
  },
});
