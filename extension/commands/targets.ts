import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import * as z from "zod";
import { withDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { AppName, PackageManager } from "../../shared/model/app.ts";
import { currentServer, type Server, serverFrom, serversElsewhere, serversOf } from "../state/servers.ts";
import type { WindowState } from "../state/window-state.ts";
import { describeServer, stateIcons } from "../state/words.ts";
import type { Services } from "./services.ts";

/** How long a command waits for the daemon and the folders' descriptions, in milliseconds. */
const settleTimeoutMs = 25_000;

/**
 * What a keybinding, a CodeLens or another extension can give: `{"app": "web"}`, with `cwd` for one of several folders
 * or a directory in one.
 */
const NamedTarget = z.object({ app: AppName, cwd: z.string().optional() });

/** A package script other than the one the app stands for; nothing else can be run by giving it to a command. */
const ScriptTarget = z.object({
  command: z.tuple([PackageManager, z.literal("run"), z.string().regex(/^[^-]/)]),
});

const NewApp = z.object({ app: AppName, cwd: z.string(), command: ScriptTarget.shape.command });
export type NewApp = z.infer<typeof NewApp>;

export interface Choice {
  /** Asks which, where several fit, e.g. `Start which server?` */
  readonly question: string;
  /** Which servers make sense; the others aren't offered. */
  fits(server: Server): boolean;
  /** Said when none fits. */
  readonly nothing: string;
}

/**
 * The server a command is about: the row it was called on, the app it was given, the only one that fits, or the
 * one the user picks.
 * @returns undefined if the user picks none
 * @throws DevlatchError `UNKNOWN_APP`, `NOT_RUNNING`; why the daemon can't be reached
 */
export async function chooseServer(
  argument: unknown,
  choice: Choice,
  services: Services,
): Promise<Server | undefined> {
  const key = serverOfRow(argument)?.key;
  const state = await settledState(services);
  if (key !== undefined) return currentServer(state, key) ?? gone();
  const named = NamedTarget.safeParse(argument).data;
  if (named?.cwd !== undefined) return serverSeenFrom(named.cwd, named.app, state, services);
  const servers = serversOf(state).filter(({ app }) => app === (named?.app ?? app));
  if (servers.length === 0) throw nothingHere(state, named?.app);
  const fitting = named ? servers : servers.filter(choice.fits);
  if (fitting.length === 0) throw new DevlatchError("NOT_RUNNING", choice.nothing, "");
  return fitting.length === 1 ? fitting[0] : pick(fitting, choice.question);
}

/** The state once the daemon is reached and says what is in the folders; brings the daemon back if need be. */
export async function settledState({ connection, state }: Services): Promise<WindowState> {
  if (connection.link.kind === "disconnected") connection.reconnect();
  return state.settled(withDeadline(settleTimeoutMs, "Asking the daemon about this workspace"));
}

/** The app that a directory's files mean by this name; a workspace folder, or a directory in one. */
async function serverSeenFrom(
  cwd: string,
  app: string,
  state: WindowState,
  { connection }: Services,
): Promise<Server> {
  const known = [...serversOf(state), ...serversElsewhere(state)].find(
    (server) => server.app === app && server.cwd === cwd,
  );
  return known ?? serverFrom(cwd, await connection.request("sandbox/describe", { cwd }), app, state);
}

async function pick(servers: readonly Server[], question: string): Promise<Server | undefined> {
  const places = new Set(servers.map(({ place }) => place)).size;
  const items = servers.map((server) => ({
    label: `$(${stateIcons[server.state.kind]}) ${server.app}`,
    description: places > 1 ? server.place : "",
    detail: describeServer(server),
    server,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: question, matchOnDetail: true });
  return picked?.server;
}

/** The server of a row of the Servers view, as it was when the row was rendered. */
export function serverOfRow(argument: unknown): Server | undefined {
  if (typeof argument !== "object" || argument === null || !("server" in argument)) return undefined;
  return argument.server as Server; // rows are ours: see ViewNode
}

/** The command of the package script a CodeLens stands above, where that isn't the app's own. */
export function scriptCommandOf(argument: unknown): string[] | undefined {
  return ScriptTarget.safeParse(argument).data?.command;
}

/** The app that a row or CodeLens offers to set up: its name, its package's directory, and the script that starts it. */
export function newAppOf(argument: unknown): NewApp | undefined {
  const isRow = typeof argument === "object" && argument !== null && "newApp" in argument;
  return NewApp.safeParse(isRow ? argument.newApp : argument).data;
}

function gone(): never {
  throw new DevlatchError("NOT_RUNNING", t("This server is no longer there."), "");
}

function nothingHere(state: WindowState, app: string | undefined): DevlatchError {
  if (state.folders.length === 0) {
    return new DevlatchError(
      "UNKNOWN_APP",
      t("No folder is open."),
      t("Open the folder of a project first."),
    );
  }
  const problem = state.folders.flatMap((folder) => folder.sandbox?.problems ?? folder.error ?? [])[0];
  if (problem) {
    const { message, remedy } = problem;
    return new DevlatchError("UNKNOWN_APP", message, remedy);
  }
  return new DevlatchError(
    "UNKNOWN_APP",
    app === undefined
      ? t("No dev server was found in this workspace.")
      : t("No app {0} was found in this workspace.", app),
    t("Add a dev script to package.json, or describe the app in devlatch.json."),
  );
}
