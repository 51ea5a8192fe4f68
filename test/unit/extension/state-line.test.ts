import assert from "node:assert/strict";
import { test } from "node:test";
import type { Server } from "../../../extension/state/servers.ts";
import { editorRemedy, serverSentence, spoken, stateLine } from "../../../extension/state/state-line.ts";
import type { BuildView } from "../../../shared/model/output.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { now, session, states } from "./samples.ts";

function server(state: SessionState, build?: BuildView): Server {
  const view = session("web", state, build ? { build } : {});
  return { key: "sb_1/web", app: "web", cwd: "/work/shop", place: "shop", state, session: view };
}

const line = (state: SessionState) => stateLine(server(state), now);
const starting = (phase: "launching" | "spawned" | "listening" | "responding", seconds: number) =>
  line({ kind: "starting", since: now - seconds * 1000, phase });
const failed = (...logTail: string[]): Extract<SessionState, { kind: "failed" }> => ({
  ...states.failed,
  error: { ...states.failed.error, message: "dev_server_web exited with code 1.", logTail },
});

test("a start says its phase, and for how long", () => {
  assert.deepEqual(
    [starting("launching", 0), starting("spawned", 3), starting("listening", 4), starting("responding", 14)],
    [
      "starting, launching · 0 s",
      "starting, process runs, waiting for it to listen · 3 s",
      "starting, port open · 4 s",
      "starting, port open, no answer yet · 10 s",
    ],
  );
});

test("a start of over a minute is slow, and says what it waits for", () => {
  assert.equal(starting("responding", 60), "slow to start (60 s): port open, no answer yet");
  const asks: SessionState = { kind: "starting", since: now - 61_000, phase: "spawned", asks: "Port?" };
  assert.equal(line(asks), "starting, asks on its terminal · 60 s");
});

test("a server that was started by hand names its terminal, where it is one of this window", () => {
  const byHand = { ...server(states.ready), session: session("web", states.ready, { hosting: "adopted" }) };
  assert.equal(stateLine(byHand, now), ":3001 · started by hand");
  const known = { ...byHand, terminal: "npm" };
  assert.equal(stateLine(known, now), ':3001 · started in terminal "npm"');
  assert.equal(serverSentence(known, now), 'web, ready on port 3001, started in terminal "npm"');
});

test("a server that ended up on another port says who has its own", () => {
  const moved: SessionState = { ...states.ready, port: 5174, displaced: { port: 5173, by: "node old.js" } };
  assert.equal(line(moved), ":5174 (5173 is taken by node old.js)");
  assert.equal(
    serverSentence(server(moved), now),
    "web, ready on port 5174, because 5173 is taken by node old.js",
  );
});

test("a server that another window, terminal or agent had stopped says whose doing it was, for an hour", () => {
  const by = (kind: "window" | "terminal" | "agent", label: string, age = 0): SessionState => ({
    ...{ kind: "stopped", since: now - age },
    stoppedBy: { kind, label, pid: 1, for: "stop" },
  });
  assert.equal(line(by("window", "window of next")), 'stopped by the window "next"');
  assert.equal(line(by("terminal", "terminal pts/3, bash")), "stopped by a terminal");
  assert.equal(line(by("agent", "agent Codex (process 7)")), "stopped by Codex");
  assert.equal(line(by("window", "window of next", 3_600_000)), "stopped");
  const own = { kind: "window", label: "window of shop", pid: process.pid, for: "stop" } as const;
  assert.equal(line({ kind: "stopped", since: now, stoppedBy: own }), "stopped");
});

test("a failure says the line of its output that helps, with the server's own file", () => {
  const tail = [
    "node:internal/modules/cjs/loader:1228",
    "Error: Cannot find module 'left-pad'",
    "    at require (node:internal/modules/helpers:147:16)",
    "    at Object.<anonymous> (/work/shop/node_modules/x/index.js:1:1)",
    "    at Object.<anonymous> (/work/shop/crash.js:3:15)",
    "Node.js v24.0.0",
  ];
  assert.equal(line(failed(...tail)), "failed · Error: Cannot find module 'left-pad' (crash.js:3)");
});

test("who has the port says more than what a server writes of it", () => {
  const message = "web could not listen on port 3000, which is used by `node server.js`, pid 7.";
  const state = failed("Error: listen EADDRINUSE", "  code: 'EADDRINUSE',", "Node.js v24.0.0");
  const taken: SessionState = { ...state, error: { ...state.error, code: "PORT_CONFLICT", message } };
  assert.equal(line(taken), `failed · ${message}`);
});

test("a failure without output says how it ended, with the app's own name", () => {
  assert.equal(line(failed()), "failed · web exited with code 1.");
});

test("a restart to come says when, and how many there were", () => {
  const { error } = states.failed;
  const restarting: SessionState = { kind: "restarting", since: now, at: now + 2_400, attempt: 2, error };
  assert.equal(line(restarting), "crashed, restarting in 2 s (2 of 5)");
});

test("a screen reader gets a sentence without marks", () => {
  const errors: BuildView = {
    status: "failed",
    errorCount: 1,
    errors: [],
    since: now,
    ...{ seq: 1, warnings: 0, skipped: 0 },
  };
  assert.equal(serverSentence(server(states.ready, errors), now), "web, ready on port 3001, 1 build error");
  assert.equal(serverSentence(server(states.stopped), now), "web, stopped");
  assert.equal(serverSentence(server(failed()), now), "web, failed, web exited with code 1.");
});

test("sessions go by their app's name, and other words stay", () => {
  assert.equal(spoken("dev_server_web-admin and dev_server_ here"), "web-admin and dev_server_ here");
});

test("a remedy in the editor names no command line", () => {
  const remedies = [
    "Try again, or allow more time with --timeout.",
    "Read its output with: devlatch logs web. Does the command work in /work/shop by itself?",
    "Start it with: devlatch start web",
  ];
  assert.deepEqual(remedies.map(editorRemedy), [
    "Try again.",
    "Does the command work in /work/shop by itself?",
    "",
  ]);
});
