import type { SandboxView } from "../model/sandbox.ts";
import type { SessionView } from "../model/session.ts";
import { isActive } from "../model/session-state.ts";
import { sessionWords } from "../model/session-words.ts";
import { whoWords } from "../model/who-words.ts";
import { status } from "../operations/daemon.ts";
import { detect } from "../operations/detect.ts";
import { foreign, paragraphs, shortLine, type ToolAnswer, untrusted } from "./answer.ts";
import { type Here, look } from "./asking.ts";
import type { ToolCaller } from "./caller.ts";
import { directoryOf } from "./place.ts";
import { tool } from "./tool.ts";

/** As many are shown of each list: projects, apps of one, servers elsewhere. */
const mostShown = 12;
/** Characters that a word of a project takes at most. */
const mostWord = 120;

export const statusTool = tool("status", {
  title: "Show dev servers",
  description:
    "What runs (URL, build, who uses it), what can be started, and what runs elsewhere. Look here first.",
  hints: { readOnly: true, destructive: false, idempotent: true },
  fields: {},
  work: async ({ directory }, caller) => {
    const directories = await lookedAt(directory, caller);
    const looks = await Promise.all(directories.map((cwd) => around({ cwd, caller })));
    return answer(looks, Date.now());
  },
});

/** One project, and all that runs. */
interface Look {
  readonly here: SandboxView;
  readonly sessions: readonly SessionView[];
}

/** All workspaces, unless one directory is meant. */
async function lookedAt(directory: string | undefined, caller: ToolCaller): Promise<readonly string[]> {
  const { roots } = caller.workspaces;
  if (directory === undefined && roots.length > 1) return roots.slice(0, mostShown);
  return [await directoryOf(directory, caller)];
}

async function around(here: Here): Promise<Look> {
  const [{ sessions }, view] = await Promise.all([
    look(status, {}, here),
    look(detect.requests.directory, {}, here),
  ]);
  return { here: view, sessions };
}

/** @param now milliseconds since the epoch */
function answer(looks: readonly Look[], now: number): ToolAnswer {
  const own = new Set(looks.map(({ here }) => here.sandboxId));
  const elsewhere = (looks.at(-1)?.sessions ?? [])
    .filter(({ sandboxId, state }) => !own.has(sandboxId) && isActive(state))
    .slice(0, mostShown);
  const projects = looks.map(project);
  return {
    text: paragraphs(
      ...projects.map(({ view, sessions, startable }) =>
        untrusted(
          `apps in ${shortLine(view.root)}`,
          foreign(
            [
              ...sessions.map((one) => sessionLine(one, now)),
              ...startable.map(({ app, command }) => `${app} · not running · ${command ?? ""}`),
              ...(sessions.length + startable.length === 0 ? ["nothing to start was found"] : []),
              ...view.problems
                .slice(0, mostShown)
                .map(({ message, remedy }) => `problem: ${message} ${remedy}`),
            ],
            "first",
          ),
        ),
      ),
      untrusted(
        "servers elsewhere on this machine",
        foreign(
          elsewhere.map((one) => `${sessionLine(one, now)} · in ${one.root}`),
          "first",
        ),
      ),
    ),
    data: {
      projects: projects.map(({ view, sessions, startable }) => ({
        directory: view.root,
        apps: sessions.map((one) => sessionData(one, now)),
        startable: startable.map(({ app, port }) => ({ app, port })),
      })),
      elsewhere: elsewhere.map((one) => ({ ...sessionData(one, now), directory: one.root })),
    },
  };
}

function project({ here, sessions }: Look) {
  const own = sessions.filter(
    ({ sandboxId, state }) => sandboxId === here.sandboxId && state.kind !== "stopped",
  );
  const names = new Set(own.map(({ app }) => app));
  const startable = here.apps.filter(({ app, external }) => !external && !names.has(app));
  return { view: here, sessions: own.slice(0, mostShown), startable: startable.slice(0, mostShown) };
}

function sessionLine(session: SessionView, now: number): string {
  const { app, state } = session;
  const url = state.kind === "ready" ? state.url : "";
  const who = whoWords(session);
  const parts = [app, sessionWords(session, now).words, url, who === "" ? "" : `who: ${who}`];
  return parts.filter((part) => part !== "").join(" · ");
}

function sessionData(session: SessionView, now: number) {
  const { app, state, build, holders } = session;
  const who = whoWords(session);
  return {
    app,
    state: state.kind,
    ...(state.kind === "ready" ? { url: state.url, port: state.port } : {}),
    ...(build ? { build: build.status } : {}),
    untrustedWords: shortLine(sessionWords(session, now).words, mostWord),
    ...(who === "" ? {} : { who: shortLine(who, mostWord) }),
    users: holders.length,
  };
}
