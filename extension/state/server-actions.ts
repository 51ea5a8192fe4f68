import { t } from "@vscode/l10n";
import { plainText } from "../../shared/base/plain-text.ts";
import { type CommandName, commands, editorBuiltIns } from "../contributions/commands.ts";
import { isExpo } from "./expo.ts";
import { roleOf, type Server, urlOf } from "./servers.ts";

/** Something that can be done with a server as it is now. */
export interface ServerAction {
  readonly title: string;
  /** Codicon, without `$()`. */
  readonly icon: string;
  /** Id of the command that does it; it takes the server, unless it is the editor's own. */
  readonly command: string;
  /** What it is about: a URL, an error. Plain text of one line. */
  readonly detail?: string;
}

/** What can be done with a server, the usual first. */
export function actionsOn(server: Server): readonly ServerAction[] {
  const start = action("start", t("Start"));
  const restart = action("restart", t("Restart"));
  const stop = action("stop", t("Stop"));
  const output = action("logs", t("Show Output"));
  const terminal = action("openTerminal", t("Open Terminal"));
  const debug = action("attachDebugger", t("Attach Debugger"));
  switch (server.state.kind) {
    case "stopped":
      return roleOf(server) === "external" ? [] : [start, output];
    case "starting":
      return [terminal, output, restart, stop];
    case "ready":
      return [
        ...visits(server),
        ...phones(server),
        ...problems(server),
        terminal,
        output,
        debug,
        restart,
        stop,
      ];
    case "stopping":
      return [terminal, output];
    case "crashed":
      return [...problems(server), output, restart, terminal, stop];
    case "failed":
      return [output, start, action("openConfig", t("Open devlatch.json"))];
    case "restarting":
      return [output, { ...start, title: t("Start Now") }, stop];
  }
}

/** A record that others can write to may name any address; only one of the web is opened. */
export function webAddressOf(server: Server): string | undefined {
  const url = urlOf(server);
  return url !== undefined && /^https?:\/\//i.test(url) ? url : undefined;
}

function visits(server: Server): ServerAction[] {
  const url = webAddressOf(server);
  if (url === undefined) return [];
  const detail = plainText(url);
  return [
    { ...action("openInBrowser", t("Open in Browser")), detail },
    { ...action("openPreview", t("Open Preview")), detail },
  ];
}

function phones(server: Server): ServerAction[] {
  return isExpo(server) ? [action("showQrCode", t("Show QR Code"))] : [];
}

function problems({ session }: Server): ServerAction[] {
  if (session?.build?.status !== "failed") return [];
  const { errorCount, errors } = session.build;
  const title = errorCount === 1 ? t("1 Error → Problems") : t("{0} Errors → Problems", errorCount);
  const detail = plainText(errors[0]?.message ?? "");
  return [{ title, icon: "error", command: editorBuiltIns.showProblems, detail }];
}

function action(name: CommandName, title: string): ServerAction {
  const { id, icon } = commands[name];
  return { title, icon, command: id };
}
