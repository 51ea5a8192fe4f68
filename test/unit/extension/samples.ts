import type { FolderState, WindowState } from "../../../extension/state/window-state.ts";
import type { LocalTime } from "../../../extension/state/words.ts";
import { noAlerts } from "../../../shared/model/alert.ts";
import type { Listener } from "../../../shared/model/process.ts";
import type { AppSummary, SandboxView } from "../../../shared/model/sandbox.ts";
import type { SessionState, SessionView } from "../../../shared/model/session.ts";

/** 14:03:20 on some day, in milliseconds. */
export const now = 1_000_000;
export const clock: LocalTime = { now: () => now, timeOfDay: (time) => `T${time}` };

export const states = {
  stopped: { kind: "stopped", since: now - 9000 },
  starting: { kind: "starting", since: now - 3400, phase: "spawned" },
  ready: {
    kind: "ready",
    since: now - 60_000,
    pid: 4711,
    startTime: "boot:1",
    port: 3001,
    url: "http://localhost:3001",
  },
  stopping: { kind: "stopping", since: now - 200 },
  failed: {
    kind: "failed",
    since: now - 1000,
    error: { code: "EXITED_EARLY", message: "It ended.", remedy: "Look at its output.", logTail: ["boom"] },
  },
} as const satisfies Record<string, SessionState>;

export function session(app: string, state: SessionState, given: Partial<SessionView> = {}): SessionView {
  return {
    session: `dev_server_${app}`,
    app,
    sandboxId: "sb_1",
    root: "/work/shop",
    cwd: "/work/shop",
    command: "npm run dev",
    fence: 1,
    state,
    hosting: "hosted",
    startedAt: state.since,
    holders: [],
    ...given,
  };
}

export function summary(app: string, port = 3000): AppSummary {
  return { app, command: `npm run ${app}`, cwd: "/work/shop", port, framework: "next", source: "detected" };
}

export function sandbox(apps: readonly AppSummary[], given: Partial<SandboxView> = {}): SandboxView {
  return { sandboxId: "sb_1", root: "/work/shop", apps: [...apps], problems: [], ...given };
}

export function folder(name: string, view?: SandboxView): FolderState {
  return { name, path: `/work/${name}`, ...(view ? { sandbox: view } : {}) };
}

export function windowState(given: Partial<WindowState> = {}): WindowState {
  return {
    link: { kind: "connected" },
    trusted: true,
    folders: [folder("shop", sandbox([summary("web")]))],
    sessions: [],
    locks: [],
    locksAt: now,
    health: null,
    lockAlerts: [],
    board: noAlerts,
    terminals: new Map(),
    starts: new Map(),
    ...given,
  };
}

export const disconnected: WindowState["link"] = {
  kind: "disconnected",
  error: { code: "DAEMON_UNAVAILABLE", message: "No daemon runs.", remedy: "Start it." },
};

export function listener(given: Partial<Listener> = {}): Listener {
  return {
    pid: 99,
    startTime: "boot:9",
    command: "node other.js",
    cwd: "/elsewhere",
    user: "ada",
    port: 3000,
    address: "127.0.0.1",
    ...given,
  };
}
