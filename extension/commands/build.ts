import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { DevlatchError } from "../../shared/base/errors.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import type { BuildWaitResult } from "../../shared/protocol/builds.ts";
import { editorBuiltIns } from "../contributions/commands.ts";
import type { Server } from "../state/servers.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";
import { chooseServer } from "./targets.ts";

/**
 * Waits until a server's build is done and says how it ended.
 * @returns undefined where the user picks no server
 * @throws DevlatchError `NOT_RUNNING`, `DEADLINE`, `CANCELLED` by the user
 */
export async function waitForBuild(
  argument: unknown,
  services: Services,
): Promise<BuildWaitResult | undefined> {
  const question = t("Wait for the build of which server?");
  const nothing = t("No server of this workspace runs.");
  const fits = ({ state }: Server) => ["ready", "starting", "crashed"].includes(state.kind);
  const server = await chooseServer(argument, { question, fits, nothing }, services);
  if (server === undefined) return undefined;
  const result = await waitVisibly(server, services);
  // The result is for the command's caller; the user may read it whenever.
  void tell(server, result);
  return result;
}

function waitVisibly({ cwd, app }: Server, { connection }: Services): Thenable<BuildWaitResult> {
  const title = t("Waiting for the build of {0}", app);
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (_, token) => {
    const cancelled = new AbortController();
    const reason = new DevlatchError("CANCELLED", "You no longer wait for the build.", "");
    const subscription = token.onCancellationRequested(() => cancelled.abort(reason));
    try {
      return await request(operations.wait, { app }, { cwd }, connection, cancelled.signal);
    } finally {
      subscription.dispose();
    }
  });
}

async function tell(
  { app }: Server,
  { status, errors, errorCount, reason = t("it said nothing of a build") }: BuildWaitResult,
): Promise<void> {
  if (status !== "failed") {
    const isClean = status === "clean";
    void say(
      "information",
      isClean ? t("{0}: the build is clean.", app) : t("{0} runs, but {1}.", app, reason),
    );
    return;
  }
  const count = errorCount === 1 ? t("1 error") : t("{0} errors", errorCount);
  const message = `${app}: ${count}. ${errors[0]?.message ?? ""}`;
  const picked = await say("error", message, t("Show Problems"));
  if (picked !== undefined) await vscode.commands.executeCommand(editorBuiltIns.showProblems);
}
