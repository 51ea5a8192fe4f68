import { t } from "@vscode/l10n";
import { commands } from "../contributions/commands.ts";
import { foundItem } from "../contributions/views.ts";
import { commandOf, portOf, roleOf, type Server, serversIn } from "../state/servers.ts";
import type { WindowState } from "../state/window-state.ts";
import { escapeMarkdown } from "../state/words.ts";
import type { ViewNode } from "./view-node.ts";

/**
 * Rows of apps that are known by their files alone: no daemon has said whether they run. In an untrusted workspace a click
 * leads to trust, else it starts the server.
 */
export function foundNodes(state: WindowState): readonly ViewNode[] {
  return state.folders
    .filter(({ isFromFiles }) => isFromFiles === true)
    .flatMap((folder) => serversIn(folder, state))
    .filter((server) => roleOf(server) === "server")
    .map((server) => foundNode(server, state));
}

function foundNode(server: Server, { trusted, folders }: WindowState): ViewNode {
  const { app, cwd, place } = server;
  const what = whatStarts(server);
  return {
    id: `found:${cwd}:${app}`,
    label: app,
    description: folders.length > 1 ? `${place} · ${what}` : what,
    tooltip: `**${escapeMarkdown(app)}** ${escapeMarkdown(what)}\n\n${trusted ? t("Click to start") : t("Trust this workspace to start it")}`,
    accessibleName: `${app}, ${what}. ${trusted ? t("Start") : t("Trust this workspace to start it")}`,
    icon: { name: trusted ? "circle-outline" : "shield", color: "disabledForeground" },
    contextValue: foundItem,
    command: (trusted ? commands.start : commands.trust).id,
    app,
    cwd,
  };
}

/** `npm run dev, port 3000` */
export function whatStarts(server: Server): string {
  const port = portOf(server);
  return [commandOf(server), port === undefined || port === 0 ? undefined : t("port {0}", port)]
    .filter(Boolean)
    .join(", ");
}
