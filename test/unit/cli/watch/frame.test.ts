import assert from "node:assert/strict";
import { test } from "node:test";
import { widthOf } from "../../../../daemon/cli/output/width.ts";
import { chosenAfter, entriesOf } from "../../../../daemon/cli/watch/entries.ts";
import { frame, isShownWhole, type View } from "../../../../daemon/cli/watch/frame.ts";
import { keysOf } from "../../../../daemon/cli/watch/keys.ts";
import { sparkline } from "../../../../daemon/cli/watch/sparkline.ts";
import { Usage } from "../../../../daemon/cli/watch/usage.ts";
import { noAlerts } from "../../../../shared/model/alert.ts";
import { SandboxView } from "../../../../shared/model/sandbox.ts";
import { SessionView } from "../../../../shared/model/session.ts";

const plain = (_format: unknown, text: string) => text;
const sample = (time: number, cpuPercent: number, memoryBytes = 1024 * 1024) => ({
  time,
  cpuPercent,
  memoryBytes,
  processes: 1,
});

function ready(app: string, root = "/p", sandboxId = "sb_1"): SessionView {
  return SessionView.parse({
    session: `dev_server_${app}`,
    app,
    sandboxId,
    root,
    cwd: root,
    command: "node server.js",
    fence: 1,
    state: { kind: "ready", since: 0, pid: 7, startTime: "1", port: 3000, url: "http://localhost:3000" },
    hosting: "hosted",
    startedAt: 0,
    resources: sample(1, 50),
  });
}

const here = SandboxView.parse({
  sandboxId: "sb_1",
  root: "/p",
  apps: [
    { app: "web", cwd: "/p", port: 3000, source: "config" },
    { app: "api", cwd: "/p/api", port: 3001, source: "config" },
    { app: "schema", cwd: "/p", port: 0, source: "config", task: true },
  ],
  problems: [],
});

function viewOf(changes: Partial<View> = {}): View {
  const entries = entriesOf([ready("web")], here);
  return {
    snapshot: { health: null, alerts: noAlerts, locks: [] },
    entries,
    chosen: entries[0]?.key,
    samples: () => [sample(1, 0), sample(2, 100), sample(3, 50)],
    below: { kind: "nothing" },
    away: undefined,
    ...changes,
  };
}

const rows = (view: View, columns = 120, height = 20) =>
  frame(view, { columns, rows: height }, plain, 60_000);

test("a sparkline is as wide as asked, newest at the right, and keeps to its bars whatever comes", () => {
  assert.equal(sparkline([0, 50, 100], 5, 100), "  ▁▅█");
  assert.equal(sparkline([1, 2, 3, 4], 2, 4), "▆█");
  assert.equal(sparkline([Number.NaN, -5, Number.POSITIVE_INFINITY, 900], 4, 100), "▁▁▁█");
  assert.equal(sparkline([1], 0, 1), "");
});

test("this project's servers come first and in its order, with what isn't started; others only while they run", () => {
  const stopped = { ...ready("gone", "/a", "sb_2"), state: { kind: "stopped" as const, since: 0 } };
  const entries = entriesOf([ready("docs", "/a", "sb_2"), stopped, ready("extra"), ready("api")], here);
  assert.deepEqual(
    entries.map(({ app, session }) => [app, session !== undefined]),
    [
      ["web", false],
      ["api", true],
      ["extra", true],
      ["docs", true],
    ],
  );
});

test("the choice stays on its server, and within what there is", () => {
  const entries = entriesOf([], here);
  const [web, api] = entries.map(({ key }) => key);
  assert.equal(chosenAfter(entries, undefined, 0), web);
  assert.equal(chosenAfter(entries, web, 1), api);
  assert.equal(chosenAfter(entries, api, 1), api);
  assert.equal(chosenAfter(entries, "gone", 0), web);
  assert.equal(chosenAfter([], web, 1), undefined);
});

test("a row says state, address and use, and the chosen one is marked", () => {
  const lines = rows(viewOf());
  const web = lines.find((line) => line.includes("web"));
  assert.match(web ?? "", /^› web +ready +http:\/\/localhost:3000 .* {7}▁█▅ {2}50 % +▁?█+ +1 MB/);
  assert.match(lines.join("\n"), /^ {2}api +not started$/m);
  assert.match(lines.at(-1) ?? "", /q quit/);
});

test("no frame is larger than the terminal, and the chosen server is in it", () => {
  const sessions = Array.from({ length: 60 }, (_, index) =>
    ready(`app${index}`, `/root${index % 7}/${"宽".repeat(30)}`, "sb"),
  );
  const entries = entriesOf(sessions, undefined);
  for (const [columns, height] of [
    [200, 50],
    [80, 24],
    [40, 10],
    [12, 5],
    [1, 1],
  ] as const) {
    const below = {
      kind: "output",
      app: "web",
      lines: Array.from({ length: 99 }, () => "界".repeat(300)),
    } as const;
    const lines = rows(viewOf({ entries, chosen: entries[41]?.key, below }), columns, height);
    assert.ok(lines.length <= height, `${lines.length} of ${height} rows`);
    for (const line of lines) assert.ok(widthOf(line) <= columns, `${widthOf(line)} of ${columns}: ${line}`);
    if (height >= 10)
      assert.ok(
        lines.some((line) => line.startsWith("›")),
        `the choice at ${height} rows`,
      );
  }
});

test("text of others can't act on the terminal", () => {
  const evil = "\u001b[2J\u001b]0;owned\u0007x\r\ny";
  const session = { ...ready("web"), startedBy: { kind: "agent" as const, label: evil } };
  const shown = rows(
    viewOf({
      entries: entriesOf([session, { ...ready("other", `/evil${evil}`, "sb_2") }], here),
      below: { kind: "output", app: "web", lines: [evil] },
      away: evil,
    }),
  ).join("");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.doesNotMatch(shown, /[\x00-\x1f\x7f-\x9f]/);
});

test("a question is shown whole, over as many rows as it takes, or can't be agreed to", () => {
  const below = { kind: "asks", text: "It is used by two agents.\nDo it all the same?" } as const;
  assert.match(rows(viewOf({ below }), 12, 20).join(""), /It is used by two agents\./);
  assert.equal(isShownWhole(below, { columns: 12, rows: 20 }), true);
  assert.equal(isShownWhole(below, { columns: 12, rows: 8 }), false);
  assert.equal(isShownWhole({ kind: "nothing" }, { columns: 80, rows: 24 }), false);
});

test("keys are read as terminals send them, several at once, and a paste does no more than a few", () => {
  assert.deepEqual(keysOf("\u001b[Bs\u001bOAx\u0003"), ["down", "start", "up", "stop", "leave"]);
  assert.deepEqual(keysOf("\u001b[1;5Cé\u001b"), ["other", "other", "back"]);
  assert.equal(keysOf("x".repeat(10_000)).length, 32);
});

test("samples are kept in order of their time, each once, and forgotten with their server", () => {
  const usage = new Usage();
  usage.take([ready("web")]);
  usage.fill("sb_1/web", [sample(0, 9), sample(1, 9), sample(2, 9)]);
  assert.deepEqual(
    usage.of("sb_1/web").map(({ time, cpuPercent }) => [time, cpuPercent]),
    [
      [0, 9],
      [1, 50],
      [2, 9],
    ],
  );
  usage.take([]);
  assert.deepEqual(usage.of("sb_1/web"), []);
});
