import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorLines, errorText } from "../../../daemon/cli/output/error-text.ts";
import { type Paint, printable } from "../../../daemon/cli/output/style.ts";
import { listenerTable, shellWord } from "../../../daemon/cli/output/words.ts";
import { fateOf } from "../../../daemon/cli/verbs/cancelled-start.ts";
import { detectionText } from "../../../daemon/cli/verbs/detect.ts";
import { messageText } from "../../../daemon/cli/verbs/follow-output.ts";
import { portText } from "../../../daemon/cli/verbs/port.ts";
import { suggestions } from "../../../daemon/cli/verbs/try.ts";
import { waitText } from "../../../daemon/cli/verbs/wait.ts";
import { since } from "../../../shared/base/deadline.ts";
import type { Listener } from "../../../shared/model/process.ts";
import { launchWords } from "../../../shared/operations/result-words.ts";
import type { BuildWaitResult } from "../../../shared/protocol/builds.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";

const plain: Paint = (_format, text) => text;

const listener: Listener = {
  pid: 4242,
  startTime: "boot/1",
  command: "node server.js",
  cwd: "/srv/shop",
  user: "ann",
  port: 3000,
  address: "0.0.0.0",
};

describe("an error for people", () => {
  it("says what happened, then what to do, then who is meant", () => {
    const text = errorText(
      {
        code: "PORT_CONFLICT",
        message: "Port 3000 is taken.",
        remedy: "Free it.",
        data: { port: 3000, listeners: [listener] },
      },
      plain,
    );
    assert.match(text, /^devlatch: Port 3000 is taken\.\n {2}Free it\.\n\n {2}PID/);
    assert.match(text, /4242 {2}node server\.js {2}\/srv\/shop {2}ann/);
  });

  it("shows the last output indented, without its escapes", () => {
    const data = { exit: { code: 3, signal: null }, logTail: ["\u001b[31mboom\u001b[0m", "at x"] };
    const text = errorText({ code: "EXITED_EARLY", message: "It ended.", remedy: "Look.", data }, plain);
    assert.ok(text.endsWith("\n\n  Last output:\n    boom\n    at x"));
  });

  it("shows survivors and the process that consent is about", () => {
    const survivors = errorText(
      { code: "STOP_INCOMPLETE", message: "m.", remedy: "r.", data: { survivors: [listener] } },
      plain,
    );
    assert.match(survivors, /Still alive:\n {2}PID/);
    const adopted = errorText(
      { code: "CONSENT_REQUIRED", message: "m.", remedy: "r.", data: { process: listener } },
      plain,
    );
    assert.match(adopted, /4242 {2}node server\.js/);
  });

  it("is one line, and its remedy another, whatever programs said", () => {
    const error = {
      code: "GIT_FAILED" as const,
      message: "git failed:\nfatal: no\r\n\n  such ref\n",
      remedy: "Do\nthat.",
    };
    for (const text of [errorText(error, plain), errorLines(error, plain)])
      assert.equal(text, "devlatch: git failed: fatal: no such ref\n  Do that.");
  });

  it("holds when its facts are of another shape than expected", () => {
    for (const data of [null, 3, "x", { listeners: "no" }, { logTail: [1] }, { survivors: [] }]) {
      assert.equal(
        errorText({ code: "INTERNAL", message: "m.", remedy: "r.", data }, plain),
        "devlatch: m.\n  r.",
      );
    }
  });
});

describe("text of foreign origin", () => {
  it("can't move the cursor or hide a part of itself", () => {
    assert.equal(printable("rm\u001b[2K\rls\u0007\u009b1A"), "rm\u{fffd}ls\u{fffd}");
    assert.equal(printable("a\tb ü 漢"), "a  b ü 漢");
  });

  it("becomes one word of a shell", () => {
    assert.equal(shellWord("apps/web"), "apps/web");
    assert.equal(shellWord("it's mine"), "'it'\\''s mine'");
  });
});

describe("tables", () => {
  it("give a process that listens on two addresses one line", () => {
    const text = listenerTable([listener, { ...listener, address: "::", session: "dev_server_web" }], plain);
    assert.equal(text.split("\n").length, 2);
    assert.match(text, /0\.0\.0\.0, ::/);
  });
});

describe("results for people", () => {
  const result: StartResult = {
    outcome: "started",
    session: "dev_server_web",
    app: "web",
    state: "ready",
    pid: 7,
    port: 3000,
    url: "http://localhost:3000",
    sandboxId: "sb_1",
    fence: 1,
    startedAt: 0,
    elapsedMs: 1234,
  };

  it("a start says the URL and whether anything was started", () => {
    assert.equal(launchWords(result), "web is ready at http://localhost:3000 (started in 1.2 s, pid 7)");
    assert.match(launchWords({ ...result, outcome: "reused" }), /\(reused, pid 7\)$/);
    assert.match(launchWords({ ...result, outcome: "adopted" }), /started outside Devlatch/);
  });

  it("a start that isn't awaited doesn't claim to be ready", () => {
    const early = { ...result, state: "starting", url: null, port: null };
    assert.equal(launchWords(early), "web is starting (started, pid 7)");
  });

  it("a free port says so, and an ended process is named", () => {
    assert.equal(
      portText({ port: 3000, listeners: [], hidden: [], clients: [], freed: [] }, plain),
      "Nothing listens on port 3000",
    );
    assert.match(
      portText({ port: 3000, listeners: [], hidden: [], clients: [], freed: [listener] }, plain),
      /^Ended:\nPID[\s\S]*4242/,
    );
  });

  it("who holds a port out of sight is named as far as it is known, and never taken for none", () => {
    const hidden = [
      { port: 3000, address: "0.0.0.0", user: "ada" },
      { port: 3000, address: "::", user: "ada" },
    ];
    assert.equal(
      portText({ port: 3000, listeners: [], hidden, clients: [], freed: [] }, plain),
      "Port 3000 is used by a process of the user ada that can't be seen from here.\nOnly that user, or root, can end it: sudo devlatch port 3000",
    );
  });

  it("who is connected comes below who listens, and a container's port says how to free it", () => {
    const { address: _, port: __, ...process } = listener;
    const client = { ...process, pid: 77, command: "curl localhost", connections: 2 };
    const container = { engine: "docker", name: "web", image: "nginx:1.27", port: 80 } as const;
    const published = { ...listener, container };
    const found = { port: 3000, listeners: [published, published], hidden: [], clients: [client], freed: [] };
    const text = portText(found, plain);
    assert.match(
      text,
      /4242[\s\S]*\n\nPid 4242 serves container web \(docker, nginx:1\.27, port 80\): stop it with: docker stop web\n\nConnected to it:\nPID .*CONNECTIONS[\s\S]*77 +curl localhost .* 2 +-$/,
    );
    assert.equal(text.match(/Pid 4242 serves/g)?.length, 1);
  });

  it("a detection names what was found, and only that", () => {
    assert.equal(detectionText({ devServer: false }), "Not a dev server");
    const found = { devServer: true, app: "web", framework: "next", port: 3000 };
    assert.equal(detectionText(found), "Dev server of app web: framework next, port 3000");
  });

  it("output is shown as it was written, what Devlatch did is marked", () => {
    const message = { seq: 1, time: 0, text: "Listening" };
    assert.equal(messageText({ ...message, kind: "output" }, plain), "Listening");
    assert.equal(messageText({ ...message, kind: "event" }, plain), "[devlatch] Listening");
  });

  it("ages grow in readable steps", () => {
    const ages = [400, 5_000, 119_000, 180_000, 3 * 3_600_000, 3 * 86_400_000].map((ms) => since(0, ms));
    assert.deepEqual(ages, ["400 ms", "5 s", "119 s", "3 min", "3 h", "3 days"]);
  });
});

describe("a cancelled start", () => {
  it("says what became of the server", () => {
    assert.match(fateOf("web", undefined).what, /no server was left behind/);
    assert.match(fateOf("web", { kind: "stopped", since: 0 }).what, /no server was left behind/);
    assert.match(fateOf("web", { kind: "starting", since: 0, phase: "spawned" }).what, /another caller/);
    const ready = {
      kind: "ready",
      since: 0,
      pid: 1,
      startTime: "x",
      port: 3000,
      url: "http://localhost:3000",
    } as const;
    assert.match(fateOf("web", ready).what, /runs on at http:\/\/localhost:3000/);
  });
});

describe("what to try next", () => {
  it("works from where the reader is", () => {
    const inside = suggestions("/repo/test/fixtures/example", "/repo", { npm_lifecycle_event: "start" });
    assert.ok(inside.every(({ command }) => command.startsWith("npx devlatch ")));
    assert.ok(inside.some(({ command }) => command === "npx devlatch stop web --cwd test/fixtures/example"));
    const elsewhere = suggestions("/my shop", "/repo", {});
    assert.ok(elsewhere.some(({ command }) => command === "devlatch stop web --cwd '/my shop'"));
    const here = suggestions("/repo", "/repo", {});
    assert.ok(here.some(({ command }) => command === "devlatch stop web"));
  });
});

describe("a build that was waited for", () => {
  const clean: BuildWaitResult = {
    status: "clean",
    errors: [],
    errorCount: 0,
    warnings: 0,
    skipped: 0,
    seq: 40,
    url: "http://localhost:3000",
    cwd: "/srv/shop",
    elapsedMs: 12,
  };

  it("lists its errors as compilers do, then says how many there are", () => {
    const place = { file: "app/page.js", line: 3, column: 9 };
    const errors: BuildWaitResult["errors"] = [
      { message: "Unexpected \u001b[2Jtoken", phase: "build", place, seq: 7, time: 0 },
      { message: "GET / was answered with 500", phase: "request", seq: 8, time: 0 },
    ];
    const text = waitText("web", { ...clean, status: "failed", errors, errorCount: 3, warnings: 1 }, plain);
    assert.equal(
      text,
      "app/page.js:3:9: Unexpected token\nGET / was answered with 500\n… and 1 more\n3 errors (1 warning)",
    );
  });

  it("is clean, or unknown, in a word", () => {
    assert.equal(waitText("web", clean, plain), "clean");
    assert.equal(waitText("web", { ...clean, warnings: 2 }, plain), "clean (2 warnings)");
    const unknown = waitText("web", { ...clean, status: "unknown" }, plain);
    assert.equal(unknown, "unknown: web runs, but it said nothing of a build");
    const [reason, advice] = [
      "GET / was answered with 404",
      "Have a page asked for: devlatch wait web --visit /PATH",
    ];
    assert.equal(
      waitText("web", { ...clean, status: "unknown", reason, advice }, plain),
      `unknown: web runs, but ${reason}\n  ${advice}`,
    );
  });
});
