import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { startAgent } from "../../support/callers.ts";
import { processesWith, signalProcess } from "../../support/processes.ts";
import { assertLeft, ctrlC } from "../desk.ts";
import { liveLaunches } from "../launches.ts";
import { Script, serverProgram } from "./script.ts";

const joined = "devlatch: joined web";
const left = "devlatch: left web, which runs on for";
const stopped = "devlatch: web was stopped: no one else used it.";

test("six shells that run the script share one server; Ctrl-C leaves it, and the last one stops it", async (t) => {
  const script = await Script.open(t);
  const terminals = Array.from({ length: 6 }, () => script.terminal());
  for (const terminal of terminals) await terminal.shows(/Listening.*process \d+/);
  await script.usedBy(6);
  assert.equal(liveLaunches(script.home).size, 1);
  const texts = terminals.map((one) => stripVTControlCharacters(one.shown()));
  assert.equal(texts.filter((text) => text.includes(joined)).length, 5, "who starts it is told nothing");
  assert.equal(new Set(texts.map((text) => /process (\d+)/.exec(text)?.[1])).size, 1);
  await script.get("/say/hello");
  for (const terminal of terminals) await terminal.shows("hello");

  for (const [index, terminal] of terminals.entries()) {
    const isLast = index === terminals.length - 1;
    terminal.type(ctrlC);
    await terminal.shows(isLast ? stopped : left);
    await assertLeft(terminal, 130);
    assert.equal(await script.isUp(), !isLast);
  }
  assert.match(terminals.at(-1)?.shown() ?? "", /last words/, "what it says at its end is shown");
  assert.equal(liveLaunches(script.home).size, 0);
});

test("keys, colours and size are the server's own, and its exit code the script's", async (t) => {
  const script = await Script.open(t, `devlatch dev -- ${serverProgram("interactive.mjs")}`);
  const first = script.terminal("npm run dev", { columns: 101, rows: 31 });
  await first.shows(/(?:Listening at|size) 101x31/);
  first.type("k");
  await first.shows('key "k"');
  first.type("f");
  await first.shows("full screen");
  const second = script.terminal("devlatch dev", { columns: 88, rows: 22 });
  await second.shows("full screen");
  await first.shows("size 88x22");
  first.type("q");
  for (const terminal of [first, second]) await assertLeft(terminal, 0);
  const after = first.shown().slice(first.shown().indexOf("full screen"));
  for (const off of ["[?1000l", "[?25h", "[?1049l"]) assert.ok(after.includes(`\u001b${off}`), off);
  assert.doesNotMatch(stripVTControlCharacters(first.shown()), /devlatch:/, "no line is added");
});

test("a server that ends by itself ends the script with its code", async (t) => {
  const script = await Script.open(t);
  const terminal = script.terminal(`devlatch dev -- ${serverProgram("talkative.mjs")}`);
  await terminal.shows("Listening");
  await script.get("/exit/7");
  await assertLeft(terminal, 7);
});

test("one that ends at once shows what it said, and its code", async (t) => {
  const script = await Script.open(t, `devlatch dev -- node -e "console.log('no config'); process.exit(3)"`);
  const terminal = script.terminal();
  await terminal.shows("no config");
  await assertLeft(terminal, 3);
  assert.doesNotMatch(terminal.shown(), /devlatch:/);
});

test("an agent that uses the server keeps it; without one the last Ctrl-C stops also what was started otherwise", async (t) => {
  const command = serverProgram("talkative.mjs");
  const script = await Script.open(t, `devlatch dev -- ${command}`, { command });
  const agent = startAgent(t, script.home, "fakeagent");
  await agent.json("start", "web", "--cwd", script.cwd);
  const first = script.terminal();
  await first.shows(joined);
  await script.usedBy(2);
  first.type(ctrlC);
  await first.shows(`${left} fakeagent`);
  await assertLeft(first, 130);
  assert.ok(await script.isUp());

  await agent.end();
  const second = script.terminal();
  await second.shows(joined);
  await script.usedBy(1);
  second.type(ctrlC);
  await second.shows(stopped);
  await assertLeft(second, 130);
  assert.equal(await script.isUp(), false);
});

test("a second Ctrl-C doesn't wait for a server that takes its time, which is ended all the same", async (t) => {
  const slow = `devlatch dev -- ${serverProgram("talkative.mjs", "stubborn")}`;
  const script = await Script.open(t, slow, { stopTimeoutMs: 4_000 });
  const terminal = script.terminal();
  await terminal.shows("Listening");
  terminal.type(ctrlC);
  await terminal.shows("last words");
  terminal.type(ctrlC);
  await assertLeft(terminal, 130);
  assert.ok(await script.isUp(), "it hasn't ended yet");
  await script.isDown();
});

test("closing the last terminal stops the server", async (t) => {
  const script = await Script.open(t);
  const terminal = script.terminal();
  await terminal.shows("Listening");
  await script.usedBy(1);
  terminal.close();
  await script.isDown();
});

test("a restart by another caller goes on in the terminal, a stop ends the script", async (t) => {
  const script = await Script.open(t);
  const terminal = script.terminal();
  await terminal.shows("Listening");
  assert.equal((await script.run("restart", "web", "--yes")).code, 0);
  await terminal.shows("devlatch: web was started again.");
  await terminal.shows("Listening");
  await script.usedBy(2);
  assert.equal((await script.run("stop", "web", "--yes")).code, 0);
  await terminal.ended();
  assert.match(terminal.shown(), /last words[\s\S]*last words[\s\S]*code \d/);
});

test("a daemon that is killed costs nothing: the next one knows who uses the server", async (t) => {
  const script = await Script.open(t);
  const [first, second] = [script.terminal(), script.terminal()];
  for (const terminal of [first, second]) await terminal.shows("Listening");
  await script.usedBy(2);
  await script.killDaemon();
  await script.usedBy(2);
  await script.get("/say/again");
  for (const terminal of [first, second]) await terminal.shows("again");
  first.type(ctrlC);
  await first.shows(left);
  second.type(ctrlC);
  await second.shows(stopped);
  assert.equal(await script.isUp(), false);
});

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  test(`${signal} counts as Ctrl-C, and gives the terminal back`, async (t) => {
    const script = await Script.open(t);
    const terminal = script.terminal(`devlatch dev -- ${serverProgram("talkative.mjs")}`);
    await terminal.shows("Listening");
    await script.usedBy(1);
    const [client] = processesWith("DEVLATCH_HOME", script.home.directory).filter(({ command }) =>
      /devlatch\.js dev/.test(command),
    );
    assert.ok(client);
    signalProcess(client, signal);
    await terminal.shows(stopped);
    await assertLeft(terminal, code);
  });
}
