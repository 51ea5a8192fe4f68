import assert from "node:assert/strict";
import { homedir, hostname } from "node:os";
import { describe, it } from "node:test";
import type { Paint } from "../../../daemon/cli/output/style.ts";
import { widthOf } from "../../../daemon/cli/output/width.ts";
import { projectsText } from "../../../daemon/cli/status/projects.ts";
import { noDaemonText, type Status, statusText } from "../../../daemon/cli/status/status-text.ts";
import type { HolderView } from "../../../shared/model/holder.ts";
import type { RunView } from "../../../shared/model/run.ts";
import type { AppSummary, SandboxView } from "../../../shared/model/sandbox.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import { othersWords, starterWords } from "../../../shared/model/who-words.ts";

const plain: Paint = (_format, text) => text;
const style = { paint: plain, now: 720_000, isLong: false } as const;
const terminal = { kind: "terminal", label: "terminal pts/3, bash" } as const;

function holder(kind: HolderView["kind"], label: string, machine = hostname()): HolderView {
  return { kind, label, since: 1, machine };
}

const ready: SessionView = {
  session: "dev_server_web",
  app: "web",
  sandboxId: "sb_1",
  root: "/srv/shop",
  cwd: "/srv/shop/apps/web",
  command: "npm run dev",
  fence: 1,
  state: { kind: "ready", since: 0, pid: 7, startTime: "x", port: 3000, url: "http://localhost:3000" },
  hosting: "hosted",
  startedAt: 0,
  startedBy: terminal,
  resources: { time: 0, cpuPercent: 12.4, memoryBytes: 1.5 * 1024 ** 3, processes: 4 },
  holders: [
    holder("terminal", terminal.label),
    holder("window", "window of shop"),
    holder("program", "claude (process 12)"),
  ],
};

const failed: SessionView = {
  ...ready,
  app: "api",
  holders: [],
  state: {
    kind: "failed",
    since: 600_000,
    error: {
      code: "EXITED_EARLY",
      message: "`node api.js` exited with code 1 before api was ready.",
      remedy: "",
      logTail: [
        "starting",
        "/srv/shop/apps/web/api.js:3: Error: Cannot find module 'express'",
        "    at Module._load",
      ],
    },
  },
};

function summary(app: string, more: Partial<AppSummary> = {}): AppSummary {
  return {
    app,
    cwd: `/srv/shop/apps/${app}`,
    port: 3000,
    source: "config",
    command: `node ${app}.js`,
    ...more,
  };
}

const here: SandboxView = { sandboxId: "sb_1", root: "/srv/shop", apps: [], problems: [] };

const migrated: RunView = {
  session: "session_00000000",
  key: "task:migrate",
  sandboxId: "sb_1",
  cwd: "/srv/shop",
  command: "node migrate.js",
  fence: 1,
  launchId: "l",
  state: { kind: "finished", since: 540_000, exit: { code: 0, signal: null }, exitCode: 0 },
  startedAt: 0,
};

function statusOf(sessions: readonly SessionView[], more: Partial<Status> = {}): Status {
  return {
    result: {
      daemon: {
        ...{ pid: 9, version: "0.1.0", uptimeMs: 65_000, home: "/h", logFile: "/h/daemon.log" },
        store: { kind: "sqlite", healthy: true },
      },
      sessions: [...sessions],
      locks: [],
      health: null,
    },
    here,
    externals: [],
    ...more,
  };
}

describe("the status", () => {
  it("has a line an app: state, address, age, who started it and who else uses it", () => {
    assert.equal(
      statusText(statusOf([ready]), style),
      "/srv/shop\n  web  ready  http://localhost:3000  12 min  you, in a terminal · also VS Code, Claude Code",
    );
  });

  it("says of what isn't ready why", () => {
    const { now } = style;
    const lines = (session: SessionView) => statusText(statusOf([session]), style).split("\n")[1];
    assert.equal(
      lines(failed),
      "  api  failed · api.js:3: Error: Cannot find module 'express' (2 min ago) · you, in a terminal",
    );
    const starting = { kind: "starting", since: now - 12_000, phase: "responding" } as const;
    assert.match(
      lines({ ...ready, state: starting }) ?? "",
      /^ {2}web {2}starting · port open, no answer yet, 12 s · you, in a terminal/,
    );
    const asks = { ...starting, asks: "Use port 3001 instead?" };
    assert.match(lines({ ...ready, state: asks }) ?? "", /asks on its terminal: devlatch attach web/);
    const error = { code: "SERVER_CRASHED", message: "m", remedy: "r", logTail: [] };
    const crashed = {
      kind: "crashed",
      since: 0,
      error,
      cause: "TypeError: x",
      place: { file: "a.js", line: 3 },
    } as const;
    assert.match(
      lines({ ...ready, state: crashed }) ?? "",
      /web {2}crashed, waiting for a change · a\.js:3: TypeError: x/,
    );
  });

  it("counts restarts and errors of the build where there are any", () => {
    const errors = { status: "failed", errorCount: 2 } as unknown as SessionView["build"];
    const text = statusText(
      statusOf([{ ...ready, restarts: 2, ...(errors ? { build: errors } : {}) }]),
      style,
    );
    assert.match(text, /web {2}ready, 2 errors {2}http:\/\/localhost:3000 {2}12 min, 2 restarts /);
  });

  it("shows this project first, the others by path, with the user's own directory as ~", () => {
    const elsewhere = (root: string, app: string): SessionView => ({
      ...ready,
      root,
      app,
      sandboxId: `sb_${root}`,
    });
    const sessions = [
      elsewhere("/srv/zoo", "a"),
      elsewhere(`${homedir()}/blog`, "docs"),
      elsewhere("/srv/acme", "b"),
      ready,
    ];
    const headings = statusText(statusOf(sessions), style)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith(" "));
    assert.deepEqual(headings.slice(0, 1), ["/srv/shop"]);
    assert.deepEqual(headings.slice(1).sort(), headings.slice(1));
    assert.ok(headings.includes("~/blog"), headings.join());
  });

  it("leaves out what was stopped, what it costs and all that is as it should be", () => {
    const stopped: SessionView = { ...ready, app: "old", state: { kind: "stopped", since: 0 } };
    const text = statusText(statusOf([ready, stopped]), style);
    for (const word of ["old", "Daemon", "Health", "lock", "12 %", "pid", "1.5 GB"])
      assert.ok(!text.includes(word), word);
    const long = statusText(statusOf([ready, stopped]), { ...style, isLong: true });
    assert.match(
      long,
      /^ {2}web +ready +http\S+ +12 min +you.*\n +pid 7 · 12 % · 1\.5 GB · 4 processes · \/srv\/shop\/apps\/web$/m,
    );
    assert.match(long, /old +stopped 12 min ago/);
    assert.match(long, /^Daemon: pid 9, version 0\.1\.0, up 65 s, store sqlite \(healthy\)$/m);
  });

  it("tells of a store and a health that aren't well without being asked", () => {
    const status = statusOf([ready]);
    const daemon = { ...status.result.daemon, store: { kind: "redis", healthy: false } as const };
    const health = { status: "warning" } as unknown as Status["result"]["health"];
    const text = statusText({ ...status, result: { ...status.result, daemon, health } }, style);
    assert.match(text, /^Health: warning, see: devlatch health$/m);
    assert.match(text, /^Daemon: .*store redis \(not healthy\)$/m);
  });

  it("shows what a task came to and whether what runs elsewhere is there", () => {
    const db = summary("db", { external: { tcp: 5432, host: "localhost" } });
    const mail = summary("mail", { external: { tcp: 25, host: "mail.example" } });
    const apps = [
      summary("migrate", { task: true }),
      summary("seed", { task: true }),
      db,
      mail,
      summary("web"),
    ];
    const externals = [
      { app: "db", answers: true },
      { app: "mail", answers: false },
    ];
    const { sessions, runs } = { sessions: [ready], runs: [migrated] };
    const text = projectsText({ sessions, runs, here: { ...here, apps }, externals }, style);
    assert.match(text, /^ {2}migrate {2}done 3 min ago$/m);
    assert.match(text, /^ {2}db +external · answers on 5432$/m);
    assert.match(text, /^ {2}mail +external · no answer on mail\.example:25$/m);
    assert.match(text, /Can be started here with devlatch start APP:\nAPP .*\nseed +node seed\.js +\(task\)/);
    assert.doesNotMatch(text.slice(text.indexOf("Can be started")), /^(?:migrate|db|mail|web)\b/m);
  });

  it("shows commands that run under a key, in their project", () => {
    const build = {
      ...migrated,
      key: "build",
      command: "pnpm build",
      state: { kind: "running", since: 0 },
    } as const;
    const text = projectsText({ sessions: [], runs: [build], here, externals: [] }, style);
    assert.match(text, /^ {2}build {2}run · 12 min · pnpm build$/m);
  });

  it("fits every terminal, and says all where it is none", () => {
    const status = statusOf([ready, failed], { here: { ...here, apps: [summary("docs")] } });
    for (const columns of [200, 80, 60, 40]) {
      const narrow = { ...style, paint: Object.assign((_: unknown, text: string) => text, { columns }) };
      for (const line of statusText(status, narrow).split("\n"))
        assert.ok(line.startsWith("Can be") || widthOf(line) <= columns, `${columns}: ${line}`);
    }
    assert.match(statusText(status, style), /Claude Code$/m);
  });

  it("says what to do where nothing runs", () => {
    assert.equal(
      statusText(statusOf([]), style),
      "/srv/shop\n  No servers. Start one with: devlatch start web",
    );
    assert.equal(statusText(statusOf([], { here: undefined }), style), "No servers.");
  });

  it("without a daemon, mentions servers that may run on only where there were any", () => {
    assert.doesNotMatch(noDaemonText(false), /Servers run on/);
    assert.match(noDaemonText(true), /Servers run on/);
  });
});

describe("who started a server, and who else uses it", () => {
  it("goes by the names people know", () => {
    assert.equal(starterWords(terminal), "you, in a terminal");
    assert.equal(starterWords({ kind: "window", label: "window of shop" }), "VS Code");
    assert.equal(starterWords({ kind: "agent", label: "agent claude-code" }), "Claude Code");
    assert.equal(starterWords({ kind: "program", label: "claude (process 12)" }), "Claude Code");
    assert.equal(starterWords({ kind: "program", label: "turbo, devlatch dev (process 3)" }), "turbo");
    // A name is a stranger's word, and no property of ours.
    for (const label of ["constructor", "__proto__", "toString"])
      assert.equal(starterWords({ kind: "program", label }), label);
  });

  it("counts the others, each kind once, and names their machine", () => {
    const two = [holder("terminal", "terminal pts/1, bash"), holder("terminal", "terminal pts/2, zsh")];
    assert.equal(othersWords(two, undefined), "2 terminals");
    assert.equal(othersWords(two, { kind: "terminal", label: "terminal pts/1, bash" }), "a terminal");
    const windows = [holder("window", "window of shop"), holder("window", "window of shop")];
    assert.equal(othersWords(windows, undefined), "2 × VS Code");
    assert.equal(
      othersWords([holder("terminal", "terminal pts/1, bash on box", "box")], undefined),
      "a terminal on box",
    );
    assert.equal(othersWords([], terminal), undefined);
  });
});
