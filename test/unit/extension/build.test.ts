import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildMarks, fileOf } from "../../../extension/state/build-marks.ts";
import { serversOf } from "../../../extension/state/servers.ts";
import { statusItems } from "../../../extension/state/status-items.ts";
import type { WindowState } from "../../../extension/state/window-state.ts";
import { describeServer, serverTooltip } from "../../../extension/state/words.ts";
import type { BuildView } from "../../../shared/model/output.ts";
import { clock, folder, now, sandbox, session, states, summary, windowState } from "./samples.ts";

const errors: BuildView["errors"] = [
  {
    message: "Unexpected token `=`",
    phase: "build",
    place: { file: "app/page.js", line: 3, column: 9 },
    seq: 7,
    time: now,
  },
  { message: "Not here", phase: "build", place: { file: "/srv/other/a.ts", line: 1 }, seq: 9, time: now },
  { message: "Somewhere", phase: "request", seq: 11, time: now },
];
const failed: BuildView = {
  status: "failed",
  since: now,
  seq: 7,
  errors,
  errorCount: 5,
  warnings: 0,
  skipped: 0,
};
const clean: BuildView = { ...failed, status: "clean", errors: [], errorCount: 0 };

function windowWith(build: BuildView, given: Partial<WindowState> = {}): WindowState {
  return windowState({
    folders: [folder("shop", sandbox([summary("web")]))],
    sessions: [session("web", states.ready, { build, cwd: "/work/shop/web" })],
    ...given,
  });
}

describe("a build in the window", () => {
  it("that failed is counted behind the port, and its first errors are in the tooltip", () => {
    const [server] = serversOf(windowWith(failed));
    assert.ok(server);
    assert.match(describeServer(server), /^:3001, 5 errors · /);
    assert.equal(
      statusItems(windowWith(failed), clock, ["*"])[0]?.text,
      "$(pass-filled) web :3001 $(error) 5",
    );
    const tooltip = serverTooltip(server, clock);
    assert.match(tooltip, /`app\/page\.js:3:9`: Unexpected token \\`=\\`/);
    assert.match(tooltip, /… and 2 more errors/);
  });

  it("that is clean isn't mentioned", () => {
    const [server] = serversOf(windowWith(clean));
    assert.ok(server);
    assert.match(describeServer(server), /^:3001 · /);
    assert.equal(statusItems(windowWith(clean), clock, ["*"])[0]?.text, "$(pass-filled) web :3001");
  });

  it("links a file that a part of the server names from the directory in which that part works", () => {
    const [server] = serversOf(windowWith({ ...clean, directories: { "@mono/web:dev": "packages/web" } }));
    assert.ok(server);
    const linked = (file: string, line: string) => fileOf({ file }, server, line);
    const there = "/work/shop/web/packages/web/src/a.ts";
    assert.equal(linked("src/a.ts", "@mono/web:dev: src/a.ts:3:9"), there);
    assert.equal(linked("packages/web/src/a.ts", "@mono/web:dev: packages/web/src/a.ts:3:9"), there);
    assert.equal(linked("/work/shop/b.ts", "@mono/web:dev: /work/shop/b.ts:3:9"), "/work/shop/b.ts");
    assert.equal(linked("src/a.ts", "@mono/api:dev: src/a.ts:3:9"), "/work/shop/web/src/a.ts");
  });

  it("marks its errors where they are: from the server's own directory, not those without a line", () => {
    const marks = buildMarks(windowWith(failed)).map(({ file, line, column }) => [file, line, column]);
    assert.deepEqual(marks, [
      ["/work/shop/web/app/page.js", 3, 9],
      ["/srv/other/a.ts", 1, undefined],
    ]);
    assert.deepEqual(buildMarks(windowWith(clean)), []);
  });

  it("marks nothing while the daemon is away", () => {
    const error = { code: "DAEMON_UNAVAILABLE", message: "Away.", remedy: "Wait." } as const;
    assert.deepEqual(buildMarks(windowWith(failed, { link: { kind: "disconnected", error } })), []);
  });
});
