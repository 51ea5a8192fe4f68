import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import type { SourcePlace } from "../../shared/model/output.ts";
import { placesIn } from "../../shared/model/source-place.ts";
import { fileOf } from "../state/build-marks.ts";
import type { Server } from "../state/servers.ts";
import { workspaceFile } from "./workspace-file.ts";

/** A place in the code that a session's terminal shows. */
export class SourceLink extends vscode.TerminalLink {
  readonly uri: vscode.Uri;
  readonly place: SourcePlace;

  constructor(at: { start: number; length: number }, uri: vscode.Uri, place: SourcePlace) {
    super(at.start, at.length, t("Open at this line"));
    this.uri = uri;
    this.place = place;
  }
}

/**
 * Makes `app/page.js:3:9` in a session's terminal a link. The editor does that where it knows a terminal's directory;
 * that of a server's own terminal it doesn't know, nor the names bundlers give to files.
 */
export class SourceLinks extends Scope implements vscode.TerminalLinkProvider<SourceLink> {
  readonly #terminals: { serverOf(terminal: vscode.Terminal): Server | undefined };

  constructor(terminals: { serverOf(terminal: vscode.Terminal): Server | undefined }) {
    super();
    this.#terminals = terminals;
    this.add(vscode.window.registerTerminalLinkProvider(this));
  }

  async provideTerminalLinks({
    terminal,
    line,
  }: Pick<vscode.TerminalLinkContext, "terminal" | "line">): Promise<SourceLink[]> {
    const server = this.#terminals.serverOf(terminal);
    if (server === undefined) return [];
    const links = await Promise.all(
      placesIn(line).map(async ({ place, ...at }) => {
        const uri = await workspaceFile(fileOf(place, server, line));
        return uri && new SourceLink(at, uri, place);
      }),
    );
    return links.filter((link) => link !== undefined);
  }

  async handleTerminalLink({ uri, place: { line = 1, column = 1 } }: SourceLink): Promise<void> {
    const at = new vscode.Position(line - 1, column - 1);
    await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at) });
  }
}
