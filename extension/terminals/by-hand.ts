import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { LiveClient } from "../../shared/client/live-client.ts";
import { isActive } from "../../shared/model/session-state.ts";
import { ByHandLooks } from "../connection/by-hand-looks.ts";
import type { StateRepository } from "../state/repository.ts";
import { serversIn } from "../state/servers.ts";

/**
 * Has servers seen that are started by hand, in this window's terminals or elsewhere.
 * @param isVisible whether the Servers view is in sight
 */
export function watchForServersByHand(
  connection: Pick<LiveClient, "link" | "request">,
  state: StateRepository,
  isVisible: () => boolean,
): Disposable {
  const scope = new Scope();
  const looks = scope.add(
    new ByHandLooks({
      look: () => lookAround(connection, state),
      isWatched: () => isVisible() && vscode.window.state.focused,
      now: () => performance.now(),
    }),
  );
  scope.add(vscode.window.onDidStartTerminalShellExecution(() => looks.expect()));
  scope.add(vscode.window.onDidChangeWindowState(({ focused }) => focused && looks.soon()));
  return scope;
}

/** Describing a folder has the daemon look there; what it finds comes as a change of the state. */
async function lookAround(connection: Pick<LiveClient, "link" | "request">, { current }: StateRepository) {
  if (connection.link.kind !== "connected") return;
  const folders = current.folders.filter((folder) =>
    serversIn(folder, current).some((server) => !isActive(server.state)),
  );
  await Promise.all(folders.map(({ path }) => connection.request("sandbox/describe", { cwd: path })));
}
