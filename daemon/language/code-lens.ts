import { dirname } from "node:path";
import { findNodeAtLocation } from "jsonc-parser";
import type { CodeLens, Range } from "vscode-languageserver/node";
import { AppName } from "../../shared/model/app.ts";
import type { SessionRecord, SessionState } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import { attachDebuggerCommand, commandId, openConfigCommand } from "../../shared/operations/palette.ts";
import { parseLoosely } from "../detect/json-file.ts";
import { principal } from "../detect/servers.ts";
import { type OpenDocument, rangeAt } from "./documents.ts";
import { type FindServer, findServerScripts, type ServerScript } from "./package-scripts.ts";

/** What the extension's commands take; see its `commands/targets.ts`. */
interface Target {
  readonly app: AppName;
  /** Directory the request is made from. */
  readonly cwd: string;
  /** Runs a package script other than the one the app stands for. */
  readonly command?: readonly string[];
}

/** The session of an app in the document's sandbox. */
export type FindSession = (app: AppName) => SessionRecord | undefined;

/**
 * The lenses of an open `devlatch.json` or `package.json`: one for each server that can be started from there.
 * @param trustedFile lists directories of others whose configuration is believed
 */
export async function codeLenses(
  document: OpenDocument,
  findSession: FindSession,
  trustedFile?: string,
): Promise<readonly CodeLens[]> {
  switch (document.kind) {
    case "config":
      return configLenses(document, findSession);
    case "package":
      return packageLenses(document, findSession, trustedFile);
    case "other":
      return [];
  }
}

function configLenses(document: OpenDocument, findSession: FindSession): readonly CodeLens[] {
  const json = parseLoosely(document.file, document.text);
  const apps = (json && findNodeAtLocation(json.tree, ["apps"])?.children) ?? [];
  return apps.flatMap(({ children: [key] = [] }) => {
    const app = AppName.safeParse(key?.value).data;
    if (key === undefined || app === undefined) return [];
    const range = rangeAt(document, key.offset, key.length);
    return lensesOn(range, { app, cwd: dirname(document.file) }, findSession(app)?.state);
  });
}

async function packageLenses(
  document: OpenDocument,
  findSession: FindSession,
  trustedFile?: string,
): Promise<readonly CodeLens[]> {
  const { scripts, findServers } = await findServerScripts(document, trustedFile);
  const lenses = scripts.map(async (one) => {
    const { app, setUp, command, key } = one;
    const target = { app, cwd: dirname(document.file), ...(setUp === "default" ? {} : { command }) };
    const session = findSession(app);
    if (setUp === "none") return [addLens(rangeAt(document, key.offset, key.length), target)];
    const runs = session !== undefined && (await isWhatRuns(one, session, scripts, findServers));
    return lensesOn(rangeAt(document, key.offset, key.length), target, runs ? session.state : undefined);
  });
  return (await Promise.all(lenses)).flat();
}

/**
 * Whether a session is what a script starts: the same command; or, for the script an app stands for, one that is no
 * script of this file and leads to the same server, as `npm run dev` in a workspace's root does.
 */
async function isWhatRuns(
  one: ServerScript,
  { settings, state }: SessionRecord,
  scripts: readonly ServerScript[],
  findServers: FindServer,
): Promise<boolean> {
  if (!isActive(state)) return false;
  const named = scripts.filter(
    ({ cwd, command }) => cwd === settings.cwd && begins(settings.command, command),
  );
  if (named.length > 0) return named.includes(one);
  if (one.setUp !== "default") return false;
  return principal(await findServers(settings.command, settings.cwd))?.directory === one.serverDirectory;
}

/** A port may have been appended to the command. */
function begins(command: readonly string[], words: readonly string[]): boolean {
  return words.every((word, index) => command[index] === word);
}

/** Above the script of a server that is no app here: it would be started in another one's name. */
function addLens(range: Range, target: Target): CodeLens {
  const title = `$(add) Set up ${target.app}`;
  return { range, command: { title, command: openConfigCommand, arguments: [target] } };
}

/** What can be done with the server, and while it is ready a debugger beside it. */
function lensesOn(range: Range, target: Target, state: SessionState | undefined): readonly CodeLens[] {
  const main = lens(range, target, state);
  if (state?.kind !== "ready") return [main];
  const { app, cwd } = target;
  const attach = { command: attachDebuggerCommand, arguments: [{ app, cwd }] };
  return [main, { range, command: { title: "$(debug-alt) Attach Debugger", ...attach } }];
}

function lens(range: Range, target: Target, state: SessionState | undefined): CodeLens {
  const { app, cwd } = target;
  const start = { command: commandId("start"), arguments: [target] };
  const stop = { command: commandId("stop"), arguments: [{ app, cwd }] };
  switch (state?.kind) {
    case "ready":
      return { range, command: { title: `$(debug-stop) Stop ${app}  :${state.port}`, ...stop } };
    case "starting":
      return { range, command: { title: `$(debug-stop) Stop ${app}  starting…`, ...stop } };
    case "crashed":
      return { range, command: { title: `$(debug-stop) Stop ${app}  crashed`, ...stop } };
    case "restarting":
      return { range, command: { title: `$(debug-stop) Stop ${app}  restarting…`, ...stop } };
    case "stopping":
      return { range, command: { title: `$(loading~spin) ${app} is stopping`, command: "" } };
    case "failed":
    case "stopped":
    case undefined:
      return { range, command: { title: `$(play) Start ${app}`, ...start } };
  }
}
