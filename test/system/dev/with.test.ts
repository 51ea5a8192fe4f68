import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startAgent } from "../../support/callers.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import { liveLaunches } from "../launches.ts";
import { Script, serverProgram, signalGroup } from "./script.ts";

const talkative = serverProgram("talkative.mjs");

/** A project of two servers. */
async function open(t: Parameters<typeof Script.open>[0]): Promise<Script & { readonly api: number }> {
  const script = await Script.open(t, undefined, { command: talkative });
  const api = await freePort();
  const apps = { web: { port: script.port, command: talkative }, api: { port: api, command: talkative } };
  script.write("devlatch.json", { apps });
  return Object.assign(script, { api });
}

/** Asks both servers, and says what it heard and where. */
const client = `
  const urls = [process.env.DEVLATCH_URL_WEB, process.env.DEVLATCH_URL_API];
  Promise.all(urls.map(async (url) => (await fetch(url)).text())).then((texts) => {
    console.log(JSON.stringify(texts), process.argv.slice(2).join());
    process.exit(Number(process.argv[2]));
  });
`;

test("both are up and ready while the command runs, its code is the code, and both are stopped after it", async (t) => {
  const script = await open(t);
  writeFileSync(join(script.cwd, "client.cjs"), client);
  const { code, stdout, stderr } = await script.run(
    "with",
    "web",
    "api",
    "--",
    "node",
    "client.cjs",
    "6",
    "--json",
  );
  assert.equal(code, 6, stderr);
  assert.equal(stdout, '["up\\n","up\\n"] 6,--json\n', "standard output is the command's alone");
  for (const app of ["api", "web"]) assert.match(stderr, new RegExp(`devlatch: ${app} was stopped`));
  for (const port of [script.port, script.api]) assert.ok(await isPortFree(port));
  assert.equal(liveLaunches(script.home).size, 0);

  const told = await script.run("with", "web", "api", "--json", "--", "node", "client.cjs", "0");
  const { exitCode, servers } = told.json as {
    exitCode: number;
    servers: { app: string; outcome: string }[];
  };
  assert.equal(exitCode, 0);
  assert.deepEqual(servers.map(({ app, outcome }) => `${app} ${outcome}`).sort(), [
    "api started",
    "web started",
  ]);
  assert.match(told.stderr, /"up/, "the command's output goes elsewhere then");
});

test("what ran before runs on, and so does what others came to use meanwhile", async (t) => {
  const script = await open(t);
  const starter = startAgent(t, script.home, "starter");
  await starter.json("start", "web", "--cwd", script.cwd);
  await starter.end();
  const { code, stderr } = await script.run("with", "web", "api", "--", "node", "-e", "0");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /devlatch: api was stopped/);
  assert.ok(await script.isUp(), "it wasn't this that started it");
  assert.ok(await isPortFree(script.api));
  assert.deepEqual((await script.web())?.holders, [], "the call used it, not what made the call");

  const agent = startAgent(t, script.home, "fakeagent");
  const again = await script.pipe(
    `devlatch with api -- node -e "console.log('at work'); setInterval(() => {}, 1000)"`,
  );
  await again.printed(/at work/);
  await agent.json("start", "api", "--cwd", script.cwd);
  signalGroup(again, "SIGTERM");
  await again.finished();
  assert.equal(await isPortFree(script.api), false, "the agent uses it now");
});

test("a signal goes to the command first, and the servers end after it", async (t) => {
  const script = await open(t);
  const polite = `
    process.on("SIGTERM", async () => {
      console.log((await fetch(process.env.DEVLATCH_URL_WEB)).status === 200 ? "still up" : "down");
      process.exit(4);
    });
    console.log("at work");
    setInterval(() => {}, 1000);`;
  writeFileSync(join(script.cwd, "polite.cjs"), polite);
  const running = await script.pipe("exec devlatch with web -- node polite.cjs");
  await running.printed(/at work/);
  running.process.kill("SIGTERM");
  const { code, stdout } = await running.finished();
  assert.match(stdout, /still up/);
  assert.equal(code, 4);
  assert.equal(await script.isUp(), false);
});

test("killed with its whole group, it leaves no server behind", async (t) => {
  const script = await open(t);
  const running = await script.pipe(
    `devlatch with web -- node -e "console.log('at work'); setInterval(() => {}, 1000)"`,
  );
  await running.printed(/at work/);
  signalGroup(running, "SIGKILL");
  await script.isDown();
});

test("where one can't be had nothing runs, nothing is left, and the code is the start's", async (t) => {
  const script = await open(t);
  const apps = {
    web: { port: script.port, command: talkative },
    api: { command: ["node", "-e", "process.exit(5)"] },
  };
  script.write("devlatch.json", { apps });
  const failed = await script.run("with", "web", "api", "--", "node", "-e", "console.log('ran')");
  assert.equal(failed.code, 1, failed.stderr);
  assert.match(failed.stderr, /exited with code 5 before api was ready/);
  assert.doesNotMatch(failed.stdout, /ran/);
  assert.equal(await script.isUp(), false);

  const misspelt = await script.run("with", "web", "apo", "--", "node", "-e", "console.log('ran')");
  assert.equal(misspelt.code, 2, misspelt.stderr);
  assert.match(misspelt.stderr, /apo/);
  assert.doesNotMatch(misspelt.stderr, /web was stopped|web:/, "nothing was started for it");
  assert.equal(liveLaunches(script.home).size, 0);
});

test("Ctrl-C while they start leaves nothing", async (t) => {
  const script = await open(t);
  const silent = ["node", "-e", "setInterval(() => {}, 1000)"];
  script.write("devlatch.json", {
    apps: { web: { command: silent }, api: { port: script.api, command: talkative } },
  });
  const running = await script.pipe("exec devlatch with web api -- node -e 0");
  await running.printed(/web: Process \d+ runs/);
  running.process.kill("SIGINT");
  const { code } = await running.finished();
  assert.equal(code, 130);
  assert.equal(liveLaunches(script.home).size, 0);
});

for (const [what, line, said] of [
  ["without a command", "with web", /devlatch with web -- npx playwright test/],
  ["with nothing behind --", "with web --", /[Nn]othing follows --/],
  ["without an app", "with -- node server.js", /apps/],
] as const) {
  test(`${what} it is a usage error`, async (t) => {
    const script = await open(t);
    const { code, stdout, stderr } = await script.run(...line.split(" "));
    assert.equal(code, 2, stdout + stderr);
    assert.match(stderr, said);
    assert.equal(await script.isUp(), false);
  });
}
