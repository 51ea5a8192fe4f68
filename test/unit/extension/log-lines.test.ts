import assert from "node:assert/strict";
import { test } from "node:test";
import { logLines } from "../../../extension/state/log-lines.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { disconnected, now, session, states, windowState } from "./samples.ts";

const after = (state: SessionState) => windowState({ sessions: [session("web", state)] });
const texts = (...change: Parameters<typeof logLines>) => logLines(...change).map(({ text }) => text);

test("the log has a line for each step of a server, and none for time that passes", () => {
  assert.deepEqual(texts(undefined, after(states.ready), now), [
    "Connected to the daemon",
    "web, ready on port 3001",
  ]);
  assert.deepEqual(texts(after(states.starting), after(states.starting), now + 5000), []);
  assert.equal(
    texts(after(states.starting), after({ ...states.starting, phase: "listening" }), now).length,
    1,
  );
  const [failed] = logLines(after(states.starting), after(states.failed), now);
  assert.equal(failed?.level, "error");
});

test("a daemon that stays away is said once, with what to do", () => {
  const away = windowState({ link: disconnected });
  assert.deepEqual(texts(windowState(), away, now), [
    "Not connected to the daemon: No daemon runs. Start it.",
  ]);
  assert.deepEqual(texts(away, { ...away }, now), []);
});

test("what others wrote is plain text in the log", () => {
  const said = { code: "DAEMON_UNAVAILABLE", message: "\u001b[2Jgone\u202e", remedy: "" } as const;
  const [away] = texts(windowState(), windowState({ link: { kind: "disconnected", error: said } }), now);
  for (const hostile of ["\u001b", "\u202e"]) assert.equal(away?.includes(hostile), false);
  const error = { ...states.failed.error, message: "\u001b[31mbad\u202e\nsecond" };
  const [line] = texts(after(states.starting), after({ ...states.failed, error }), now);
  for (const hostile of ["\u001b", "\u202e", "\n"]) assert.equal(line?.includes(hostile), false);
});
