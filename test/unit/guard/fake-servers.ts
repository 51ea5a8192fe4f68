import { join } from "node:path";
import type { Servers } from "../../../daemon/guard/judge.ts";
import { type Candidate, hitBy } from "../../../daemon/servers/aim-match.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import type { Target } from "../../../shared/protocol/targets.ts";

interface Fake {
  readonly app: string;
  readonly port: number;
  readonly own: boolean;
  readonly processes: readonly Candidate[];
}

const node = (pid: number, pgid: number, command: string, name = "node"): Candidate => ({
  pid,
  pgid,
  command,
  name,
});

/** The servers that run: `mine` is the agent's own, all others are others'. */
const fakes: readonly Fake[] = [
  {
    app: "web",
    port: 3000,
    own: false,
    processes: [
      node(4240, 4240, "node /shop/apps/web/node_modules/.bin/next dev"),
      node(4242, 4240, "next-server (v16.4.6)", "next-server"),
    ],
  },
  {
    app: "admin",
    port: 5173,
    own: false,
    processes: [node(4300, 4300, "node /shop/apps/admin/node_modules/.bin/vite")],
  },
  { app: "api", port: 8787, own: false, processes: [node(4400, 4400, "node /shop/apps/api/dist/server.js")] },
  { app: "mine", port: 4000, own: true, processes: [node(5555, 5555, "ruby mine.rb", "ruby")] },
];

/** What a daemon would say of these, in a project. @param root its directory */
export function fakeServers(root: string): Servers {
  return {
    hitBy: async (aim) => {
      const listening = fakes
        .filter(({ port }) => aim.ports.includes(port))
        .map(({ processes }) => processes.at(-1)?.pid ?? 0);
      const isHit = await hitBy(aim, new Set(listening));
      const hit = fakes.filter(({ processes }) => processes.some(isHit));
      return { targets: hit.map((one) => targetOf(one, root)), daemon: false };
    },
    around: async () => fakes.filter(({ app }) => app === "web").map((one) => sessionOf(one, root)),
  };
}

function targetOf({ app, port, own, processes }: Fake, root: string): Target {
  return {
    ...{ app, root, own, session: `dev_server_${app}`, cwd: join(root, "apps", app), byHand: false },
    url: `http://localhost:${port}`,
    command: processes[0]?.command ?? "",
    startedBy: { kind: "terminal", label: "terminal pts/3, bash" },
    holders: [{ kind: "window", label: "window of shop", since: 1, machine: "here" }],
  };
}

function sessionOf({ app, port }: Fake, root: string): SessionView {
  return {
    ...{ app, root, session: `dev_server_${app}`, sandboxId: "sb_0", cwd: join(root, "apps", app) },
    ...{ command: "next dev", fence: 1, hosting: "hosted", startedAt: 1, holders: [] },
    state: { kind: "ready", since: 1, pid: 4242, startTime: "1", port, url: `http://localhost:${port}` },
    startedBy: { kind: "agent", label: "agent claude-code" },
  };
}
