import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import treeKill from "tree-kill";
import { leftToCampaign, sample } from "../../support/campaign.ts";
import { waitFor } from "../../support/wait.ts";
import { ctrlC } from "../desk.ts";
import { liveLaunches } from "../launches.ts";
import { Script, signalGroup } from "./script.ts";

const runners = (t: Parameters<typeof Script.open>[0]) => Script.in("runners", t);
const up = "Listening on";

/** Runs Playwright's own test. */
async function playwright(script: Script, env: NodeJS.ProcessEnv = {}) {
  const running = await script.pipe("npm run e2e", { SERVER_PORT: String(script.port), ...env });
  return running.finished();
}

test("Playwright starts the server for its tests and leaves none behind, however it ends it", async (t) => {
  const script = await runners(t);
  for (const env of [{}, { GRACE: "1" }, { REUSE: "1" }]) {
    const { code, stdout, stderr } = await playwright(script, env);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /1 passed/);
    await script.isDown();
    await waitFor("all of it to be gone", () => liveLaunches(script.home).size === 0);
  }
});

test("Playwright that may reuse what runs does so and leaves it; one that may not says that it runs", {
  skip: leftToCampaign,
}, async (t) => {
  const script = await runners(t);
  const terminal = script.terminal();
  await terminal.shows(up);
  await script.usedBy(1);
  const reused = await playwright(script, { REUSE: "1" });
  assert.equal(reused.code, 0, reused.stdout);
  const refused = await playwright(script);
  assert.equal(refused.code, 1);
  assert.match(refused.stdout + refused.stderr, /is already used/);
  assert.ok(await script.isUp());
  terminal.type(ctrlC);
  await terminal.shows("devlatch: web was stopped");
});

test("a server whose starter is killed as Playwright does it is left to the terminal that joined it", async (t) => {
  const script = await runners(t);
  const first = await script.pipe("npm run dev");
  await first.printed(/Listening on/);
  const terminal = script.terminal();
  await terminal.shows("devlatch: joined web");
  await script.usedBy(2);
  signalGroup(first, "SIGKILL");
  await script.usedBy(1);
  assert.ok(await script.isUp());
  terminal.type(ctrlC);
  await terminal.shows("devlatch: web was stopped");
});

for (const signal of sample(["SIGINT", "SIGTERM", "SIGKILL"], 2)) {
  test(`a runner that ends all below it by ${signal} ends neither the daemon it made us start nor what others use`, async (t) => {
    const script = await runners(t);
    const first = await script.pipe("npm run dev; true");
    await first.printed(/Listening on/);
    const terminal = script.terminal();
    await terminal.shows("devlatch: joined web");
    await script.usedBy(2);
    const daemon = script.home.daemonPid();
    await new Promise((resolve) => treeKill(first.pid, signal, resolve));
    await script.usedBy(1);
    assert.ok(await script.isUp());
    assert.equal(script.home.daemonPid(), daemon);
    terminal.type(ctrlC);
    await terminal.shows("devlatch: web was stopped");
  });
}

test("start-server-and-test runs its test against the shared server and ends only what is its own", {
  skip: leftToCampaign,
}, async (t) => {
  const script = await runners(t);
  const url = `http-get://127.0.0.1:${script.port}/`;
  const line = `npx start-server-and-test dev ${url} smoke`;
  const env = { URL: `http://127.0.0.1:${script.port}/` };
  const alone = await (await script.pipe(line, env)).finished();
  assert.equal(alone.code, 0, alone.stdout + alone.stderr);
  assert.match(alone.stdout, /smoke 200/);
  await script.isDown();

  const terminal = script.terminal();
  await terminal.shows(up);
  await script.usedBy(1);
  const beside = await (await script.pipe(line, env)).finished();
  assert.equal(beside.code, 0, beside.stdout + beside.stderr);
  assert.match(beside.stdout, /smoke 200/);
  assert.ok(await script.isUp());
  await script.usedBy(1);
  terminal.type(ctrlC);
  await terminal.shows("devlatch: web was stopped");
});

test("concurrently runs the script among others, and its Ctrl-C leaves the server to who uses it", async (t) => {
  const script = await runners(t);
  const both = `npx concurrently -n web,other "npm run dev" "node -e 'setInterval(() => {}, 1000)'"`;
  const first = await script.pipe(both);
  await first.printed(/\[web\] .*Listening on/);
  const second = await script.pipe(both);
  await second.printed(/\[web\] .*Listening on/);
  await script.usedBy(2);
  assert.equal(liveLaunches(script.home).size, 1);
  signalGroup(first, "SIGINT");
  await first.finished();
  await script.usedBy(1);
  assert.ok(await script.isUp());
  signalGroup(second, "SIGINT");
  const { stdout, stderr } = await second.finished();
  assert.match(stripVTControlCharacters(stdout + stderr), /devlatch: web was stopped/);
  await script.isDown();
});

test("twenty shells, Playwright and concurrently at once: one server, and it ends with the last of them", {
  skip: leftToCampaign,
}, async (t) => {
  const script = await runners(t);
  const tested = playwright(script, { REUSE: "1" });
  const both = await script.pipe(
    `npx concurrently -n web,other "npm run dev" "node -e 'setInterval(() => {}, 1000)'"`,
  );
  const shells = Array.from({ length: 20 }, () => script.terminal());
  for (const shell of shells) await shell.shows(up);
  await both.printed(/\[web\] .*Listening on/);
  const { code, stdout, stderr } = await tested;
  assert.equal(code, 0, stdout + stderr);
  await script.usedBy(21);
  assert.equal(liveLaunches(script.home).size, 1);

  signalGroup(both, "SIGINT");
  await both.finished();
  const [last, ...others] = shells;
  for (const shell of others) shell.type(ctrlC);
  for (const shell of others) await shell.shows("devlatch: left web");
  await script.usedBy(1);
  assert.ok(await script.isUp());
  last?.type(ctrlC);
  await last?.shows("devlatch: web was stopped");
  await script.isDown();
  assert.equal(liveLaunches(script.home).size, 0);
});

test("turbo runs the script in its own two ways, and its Ctrl-C leaves the server to who uses it", {
  skip: leftToCampaign,
}, async (t) => {
  const script = await Script.in("turbo", t);
  const env = { TURBO_TELEMETRY_DISABLED: "1" };
  const piped = await script.pipe("npx turbo dev --ui=stream", env);
  await piped.printed(/dev: .*Listening on/);
  const terminal = script.terminal("TURBO_TELEMETRY_DISABLED=1 npx turbo dev --ui=tui");
  await script.usedBy(2);
  assert.equal(liveLaunches(script.home).size, 1);
  signalGroup(piped, "SIGINT");
  await piped.finished();
  await script.usedBy(1);
  assert.ok(await script.isUp());
  terminal.type(ctrlC);
  await script.isDown();
  assert.equal(await terminal.ended(), 0);
  assert.equal(liveLaunches(script.home).size, 0);
});
