import assert from "node:assert/strict";
import { test } from "node:test";
import { StopsByOthers } from "../../../extension/state/stops-by-others.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { disconnected, now, session, states, windowState } from "./samples.ts";

const holder = (label: string) => ({ kind: "window" as const, label, since: now, machine: "box" });
const used = windowState({
  sessions: [session("web", states.ready, { holders: [holder("window of shop")] })],
});
const withWeb = (state: SessionState) => windowState({ sessions: [session("web", state)] });
const stoppedBy = (pid: number, reason: "stop" | "restart" = "stop") =>
  withWeb({
    ...{ kind: "stopped", since: now },
    stoppedBy: { kind: "window", label: "window of next", pid, for: reason },
  });
const watch = () => new StopsByOthers(() => "window of shop", 7);
const wordsOf = (stops: StopsByOthers, state: typeof used) => stops.take(state).map(({ words }) => words);

test("a window is told who had the server stopped that it uses, once", () => {
  const stops = watch();
  assert.deepEqual(wordsOf(stops, used), []);
  assert.deepEqual(wordsOf(stops, withWeb(states.stopping)), []);
  assert.deepEqual(wordsOf(stops, stoppedBy(8)), ['web was stopped by the window "next".']);
  assert.deepEqual(wordsOf(stops, stoppedBy(8)), []);
  stops.take(used);
  assert.deepEqual(wordsOf(stops, stoppedBy(8, "restart")), ['web was restarted by the window "next".']);
});

test("nothing is told of what the window itself stopped, didn't use, or saw end by itself", () => {
  const after = (before: typeof used, state: typeof used) => {
    const stops = watch();
    stops.take(before);
    return stops.take(state);
  };
  assert.deepEqual(after(used, stoppedBy(7)), []);
  assert.deepEqual(after(withWeb(states.ready), stoppedBy(8)), []);
  assert.deepEqual(after(used, withWeb(states.stopped)), []);
  assert.deepEqual(after(used, { ...stoppedBy(8), link: disconnected }), []);
});
