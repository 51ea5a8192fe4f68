import { sessionKey } from "../../shared/model/keys.ts";
import type { AppSummary, SandboxView } from "../../shared/model/sandbox.ts";
import type { SessionState, SessionView } from "../../shared/model/session.ts";
import { isActive, isLive } from "../../shared/model/session-state.ts";
import { alertOf } from "./alerts.ts";
import type { Beginning, FolderState, WindowState } from "./window-state.ts";

/** One app of one sandbox, whether it runs or not. */
export interface Server {
  /** Identifies it in the window: sandbox and app. */
  readonly key: string;
  readonly app: string;
  /** Directory requests about it are made from. */
  readonly cwd: string;
  /** Name of the workspace folder, or of the directory for a server of another workspace. */
  readonly place: string;
  /** What the workspace's files say; absent for an app that only runs. */
  readonly summary?: AppSummary;
  readonly session?: SessionView;
  /** Name of the terminal of this window that it was started in by hand. */
  readonly terminal?: string;
  /** A start of this window that no record tells of yet. */
  readonly beginning?: Beginning;
  readonly state: SessionState;
}

/** What an app is: a server of ours, a task that ends by itself, or what runs elsewhere and is only waited for. */
export type Role = "server" | "task" | "external";

/** @returns `server` for what runs as one, whatever its files say by now */
export function roleOf({ session, summary }: Server): Role {
  if (session !== undefined && isWorthShowing(session)) return "server";
  if (summary?.external !== undefined) return "external";
  return summary?.task === true ? "task" : "server";
}

const neverRan: SessionState = { kind: "stopped", since: 0 };

/** The servers of this workspace, folder by folder: its apps, then sessions of apps no file mentions. */
export function serversOf(state: WindowState): readonly Server[] {
  const seen = new Set<string>();
  // Two folders can be packages of one sandbox; each server belongs to the first.
  return state.folders
    .flatMap((folder) => serversIn(folder, state))
    .filter((server) => {
      const fresh = !seen.has(server.key);
      seen.add(server.key);
      return fresh;
    });
}

/** The servers of one workspace folder. */
export function serversIn(folder: FolderState, state: WindowState): readonly Server[] {
  const { sandbox } = folder;
  if (!sandbox) return [];
  const sessions = state.sessions.filter((session) => session.sandboxId === sandbox.sandboxId);
  const described = sandbox.apps.map((summary) => {
    const session = sessions.find(({ app }) => app === summary.app);
    return server(sandbox.sandboxId, summary.app, folder, session, state, summary);
  });
  const others = sessions
    .filter((session) => isWorthShowing(session) && !sandbox.apps.some(({ app }) => app === session.app))
    .sort((a, b) => a.app.localeCompare(b.app))
    .map((session) => server(sandbox.sandboxId, session.app, folder, session, state));
  return [...described, ...others];
}

/** Servers that run for other workspaces of this user, and those that an alert is about. */
export function serversElsewhere(state: WindowState): readonly Server[] {
  const own = new Set(state.folders.map((folder) => folder.sandbox?.sandboxId));
  const isShown = (session: SessionView) =>
    isLive(session.state) || alertOf(state, sessionKey(session)) !== undefined;
  return state.sessions
    .filter((session) => !own.has(session.sandboxId) && isShown(session))
    .map((session) =>
      server(
        session.sandboxId,
        session.app,
        { name: lastPart(session.root), path: session.root },
        session,
        state,
      ),
    )
    .sort((a, b) => a.place.localeCompare(b.place) || a.app.localeCompare(b.app));
}

/** An app as a directory sees it that needn't be a workspace folder; it may run nowhere, nor be in any file. */
export function serverFrom(cwd: string, sandbox: SandboxView, app: string, state: WindowState): Server {
  const folder = { name: lastPart(cwd), path: cwd, sandbox };
  const known = serversIn(folder, state).find((one) => one.app === app);
  return known ?? server(sandbox.sandboxId, app, folder, undefined, state);
}

/** The server as it is now, for a holder of an older one. */
export function currentServer(state: WindowState, key: string): Server | undefined {
  return [...serversOf(state), ...serversElsewhere(state)].find((server) => server.key === key);
}

/** The server of an app in the workspace with this root, in this window or elsewhere; undefined where none is known. */
export function serverAt(
  state: WindowState,
  { app, root }: { readonly app: string; readonly root: string },
): Server | undefined {
  return [...serversOf(state), ...serversElsewhere(state)].find(
    ({ app: name, session }) => name === app && session?.root === root,
  );
}

/** URL of a server that is ready. */
export function urlOf(server: Server): string | undefined {
  return server.state.kind === "ready" ? server.state.url : undefined;
}

/** The port it listens on, or wishes for. */
export function portOf(server: Server): number | undefined {
  if (server.state.kind === "ready") return server.state.port;
  return roleOf(server) === "server" ? server.summary?.port : undefined;
}

export function commandOf(server: Server): string | undefined {
  return isLive(server.state)
    ? server.session?.command
    : (server.summary?.command ?? server.session?.command);
}

function server(
  sandboxId: string,
  app: string,
  place: { name: string; path: string },
  session: SessionView | undefined,
  { terminals, starts }: WindowState,
  summary?: AppSummary,
): Server {
  const key = sessionKey({ sandboxId, app });
  const beginning = session !== undefined && isLive(session.state) ? undefined : starts.get(key);
  const terminal = session?.hosting === "adopted" ? terminals.get(key) : undefined;
  return {
    key,
    ...(terminal === undefined ? {} : { terminal }),
    ...(beginning === undefined ? {} : { beginning }),
    app,
    cwd: place.path,
    place: place.name,
    state: session?.state ?? neverRan,
    ...(session ? { session } : {}),
    ...(summary ? { summary } : {}),
  };
}

function isWorthShowing({ state }: SessionView): boolean {
  return isActive(state) || state.kind === "failed";
}

function lastPart(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
