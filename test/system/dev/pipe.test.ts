import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startAgent } from "../../support/callers.ts";
import { leftToCampaign } from "../../support/campaign.ts";
import { isAlive, seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { liveLaunches } from "../launches.ts";
import { listening, pidIn, Script, serverProgram, signalGroup } from "./script.ts";

/** As the server writes it. */
const green = "\u001b[32mListening\u001b[39m on";
const talkative = serverProgram("talkative.mjs");

test("without a terminal the output is plain, or coloured where the runner says so; it is whole, and the code the server's", async (t) => {
  const script = await Script.open(t);
  const plain = await script.pipe();
  await plain.printed(listening);
  const coloured = await script.pipe("npm run dev", { FORCE_COLOR: "1" });
  await coloured.printed(listening);
  assert.ok(coloured.stdout().includes(green), coloured.stdout());
  for (let count = 1; count <= 50; count++) await script.get(`/say/${count}`);
  await script.get("/exit/7");
  for (const running of [plain, coloured]) {
    const { code, stdout } = await running.finished();
    assert.equal(code, 7);
    const said = stdout.split("\n").filter((line) => /^\d+$/.test(line));
    assert.deepEqual(
      said.map(Number),
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
  }
  assert.match(plain.stdout(), /^Listening on/m);
  for (const foreign of ["\u001b", "\r", "devlatch:"]) assert.ok(!plain.stdout().includes(foreign), foreign);
  assert.equal(plain.stderr(), "", "who starts it is told nothing");
  assert.match(coloured.stderr(), /devlatch: joined web, which (?:runs at|is starting)/);
});

test("what comes through a pipe is typed at the server, and the pipe's end stops nothing", async (t) => {
  const script = await Script.open(t);
  const running = await script.pipe("echo r | npm run dev");
  await running.printed(listening);
  await script.get("/read");
  await running.printed(/was typed r/);
  await script.get("/exit/3");
  assert.equal((await running.finished()).code, 3);
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  test(`${signal} to the runner's whole group leaves what others use, and stops what none does`, async (t) => {
    const script = await Script.open(t);
    const command = `exec devlatch dev -- ${talkative}`;
    const first = await script.pipe(command);
    await first.printed(listening);
    const second = await script.pipe(command);
    await second.printed(listening);
    await script.usedBy(2);
    signalGroup(first, signal);
    const left = await first.finished();
    assert.equal(left.code, code, left.stderr);
    assert.match(left.stderr, /devlatch: left web, which runs on for .*devlatch dev/);
    assert.ok(await script.isUp());
    signalGroup(second, signal);
    const last = await second.finished();
    assert.equal(last.code, code, last.stderr);
    assert.match(last.stderr, /devlatch: web was stopped: no one else used it\./);
    assert.match(last.stdout, /last words/);
    assert.equal(await script.isUp(), false);
  });
}

test("a signal that comes twice at once, as npm and other runners hand on what they got, is one", async (t) => {
  const stubborn = serverProgram("talkative.mjs", "stubborn");
  const script = await Script.open(t, `devlatch dev -- ${stubborn}`, { stopTimeoutMs: 3_000 });
  const running = await script.pipe(`exec devlatch dev -- ${stubborn}`);
  await running.printed(listening);
  running.process.kill("SIGINT");
  // Two that wait to be delivered would be one anyway.
  await delay(100);
  running.process.kill("SIGINT");
  const { code, stderr } = await running.finished();
  assert.equal(code, 130);
  assert.match(stderr, /devlatch: web was stopped/, "it waited for the end");
  assert.equal(await script.isUp(), false);
});

test("a group that is killed takes its server along, unless others use it or it was started otherwise", async (t) => {
  // Later than this waits: who ended is looked for at once.
  const script = await Script.open(t, undefined, { stopWhenUnused: { afterMs: 3_600_000 } });
  const [first, second] = [await script.pipe(), await script.pipe()];
  for (const running of [first, second]) await running.printed(listening);
  await script.usedBy(2);
  const server = seeProcess(pidIn(first.stdout() + second.stdout()));
  assert.ok(server);
  signalGroup(first, "SIGKILL");
  await script.usedBy(1);
  assert.ok(isAlive(server), "the other one uses it");
  signalGroup(second, "SIGKILL");
  await script.isDown();
  // The port is free a moment before the last of the tree is gone.
  await waitFor("the tree to be gone", () => liveLaunches(script.home).size === 0);

  const agent = startAgent(t, script.home, "fakeagent");
  const begun = await agent.call("start", "web", "--cwd", script.cwd, "--", ...talkative.split(" "));
  assert.equal(begun.code, 0, begun.stderr);
  const third = await script.pipe();
  await third.printed(listening);
  await agent.end();
  await script.usedBy(1);
  signalGroup(third, "SIGKILL");
  await script.usedBy(0);
  assert.ok(await script.isUp(), "no one said that it should end");
});

test("killed together with the daemon, the server is stopped by the next one", async (t) => {
  const script = await Script.open(t);
  const running = await script.pipe();
  await running.printed(listening);
  await script.usedBy(1);
  await script.killDaemon();
  signalGroup(running, "SIGKILL");
  assert.equal((await script.run("daemon", "start")).code, 0);
  await script.isDown();
});

test("a daemon that is killed costs a follower nothing and repeats nothing", async (t) => {
  const script = await Script.open(t);
  const running = await script.pipe();
  await running.printed(listening);
  await script.get("/say/before");
  await running.printed(/before/);
  await script.killDaemon();
  await script.get("/say/while");
  await script.usedBy(1);
  await script.get("/say/after");
  await running.printed(/after/);
  await script.get("/exit/0");
  const { code, stdout } = await running.finished();
  assert.equal(code, 0);
  const lines = stdout.split("\n").filter((line) => /^(?:Listening|before|while|after)/.test(line));
  assert.deepEqual(
    lines.map((line) => line.split(" ")[0]),
    ["Listening", "before", "while", "after"],
  );
});

test("a reader that goes away ends the script as a broken pipe does, and its server with it", async (t) => {
  const script = await Script.open(t);
  const running = await script.pipe(`devlatch dev -- ${talkative} | head -1`);
  await running.printed(listening);
  await waitFor("the server to write again", () =>
    script.get("/say/more").then(
      () => running.process.exitCode !== null,
      () => true,
    ),
  );
  await script.isDown();
});

test("a daemon that is killed while it starts the server costs nothing either: the next one goes on, and there is one", {
  skip: leftToCampaign,
}, async (t) => {
  const script = await Script.open(t);
  for (const ms of [0, 100, 250]) {
    assert.equal((await script.run("daemon", "start")).code, 0);
    const running = await script.pipe(`exec devlatch dev -- ${talkative}`);
    await delay(200 + ms);
    await script.killDaemon();
    await running.printed(listening);
    assert.equal(liveLaunches(script.home).size, 1);
    running.process.kill("SIGTERM");
    const { code, stderr } = await running.finished();
    assert.equal(code, 143);
    assert.match(stderr, /^(?:devlatch: joined .*\n)?devlatch: web was stopped: no one else used it\.\n$/);
  }
});
