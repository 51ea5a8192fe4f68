import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../support/cli.ts";
import { runJson } from "../support/json.ts";
import { hostOf, seeProcess, signalProcess } from "../support/processes.ts";
import type { Answer } from "./answer.ts";
import { assertLeft, ctrlC, Desk, detachKey } from "./desk.ts";

test("the daemon is killed while attached: the next one is started, what was shown is shown again, keys go on", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  terminal.type("a");
  await terminal.shows('key "a"');
  await desk.killDaemon();
  await terminal.shows("devlatch: the daemon is away; web runs on");
  await terminal.shows("\u001b[H\u001b[2J");
  const again = await terminal.shows('key "a"');
  assert.match(again, /^Listening at/);
  terminal.type("b");
  await terminal.shows('key "b"');
  terminal.type(detachKey);
  await assertLeft(terminal);
});

test("the daemon is stopped while attached: it is waited for, and Ctrl-C detaches meanwhile", async (t) => {
  const desk = await Desk.open(t);
  const [patient, hasty] = [await desk.attach(), await desk.attach()];
  await runCli(["daemon", "stop"], { home: desk.home });
  for (const one of [patient, hasty]) await one.shows("waiting until it runs again");
  assert.equal(desk.home.daemonPid(), undefined, "a user wanted it gone");
  hasty.type(`a${ctrlC}`);
  await hasty.shows("devlatch: detached from web, which runs on");
  await assertLeft(hasty);
  await runCli(["daemon", "start"], { home: desk.home });
  await patient.shows("Listening at");
  patient.type("b");
  const shown = await patient.shows('key "b"');
  assert.doesNotMatch(shown, /key "a|key "\\u0003/, "what was typed while the daemon was away went nowhere");
});

test("a restart by another caller: the new launch is attached to", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  const pidIn = (text: string) => /process (\d+)/.exec(text)?.[1];
  const first = pidIn(await terminal.shows(/Listening at .*process \d+/));
  await desk.run("restart");
  await terminal.shows("devlatch: web ended by SIGTERM.");
  await terminal.shows("devlatch: web was started again.");
  const second = pidIn(await terminal.shows(/Listening at .*process \d+/));
  assert.ok(first && second && first !== second);
  terminal.type("a");
  await terminal.shows('key "a"');
});

test("the server's end is told in words; it isn't started again, so it is over, exit 0", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  terminal.type("q");
  await terminal.shows("devlatch: web exited with code 0.");
  await terminal.shows("devlatch: web isn't running any more.");
  await assertLeft(terminal);
});

test("a server that ends with Ctrl-C was stopped by its user: no failure, no alert", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  terminal.type("e");
  await terminal.shows("Ctrl-C ends it");
  terminal.type(ctrlC);
  await terminal.shows("devlatch: web ended by SIGINT.");
  await assertLeft(terminal);
  const { sessions } = await runJson<{ sessions: { app: string; state: { kind: string } }[] }>(
    ["status", "--cwd", desk.cwd],
    { home: desk.home },
  );
  assert.deepEqual(
    sessions.map(({ state }) => state.kind),
    ["stopped"],
  );
  const board = await runJson<{ alerts: unknown[] }>(["alerts"], { home: desk.home });
  assert.deepEqual(board.alerts, []);
});

test("Ctrl-C after the server's end doesn't wait for another launch", async (t) => {
  const desk = await Desk.open(t);
  const [leaving, waiting] = [await desk.attach(), await desk.attach()];
  await desk.run("stop");
  const [ended, over] = ["devlatch: web ended by SIGTERM.", "devlatch: web isn't running any more."];
  await leaving.shows(ended);
  leaving.type(ctrlC);
  await leaving.shows(over);
  assert.equal(waiting.shown().includes(over), false, "the other one waits for another launch");
  await assertLeft(leaving);
  await waiting.shows(over);
});

test("a session whose host is killed has ended", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  const host = seeProcess(hostOf((await desk.run<Answer>("start")).pid) ?? 0);
  assert.match(host?.command ?? "", /host\.js/);
  if (host) signalProcess(host, "SIGKILL");
  await terminal.shows("devlatch: web ended.");
  await terminal.shows("devlatch: web isn't running any more.");
  await assertLeft(terminal);
});
