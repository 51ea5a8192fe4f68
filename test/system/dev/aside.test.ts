import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "../../support/wait.ts";
import { liveLaunches } from "../launches.ts";
import { listening, pidIn, Script, serverProgram, signalGroup } from "./script.ts";

const talkative = serverProgram("talkative.mjs");
/** As Node is on Windows, and was before it could become another program. */
const withoutExec = "--import=data:text/javascript,process.execve=undefined";

for (const [what, env, said] of [
  ["in a build", { CI: "true" }, /^devlatch: CI is set, so this is just `node .*talkative\.mjs`\.\n$/],
  ["where it is turned off", { DEVLATCH: "0" }, /^devlatch: DEVLATCH=0 is set, so this is just `node /],
  [
    "where its home can't be used",
    { DEVLATCH_HOME: "/dev/null/home" },
    /^devlatch: can't be used here, so this is just /,
  ],
] as const) {
  test(`${what} it becomes the command, in the same process, and says so once`, async (t) => {
    const script = await Script.open(t);
    const port = String(script.port);
    const running = await script.pipe(`exec devlatch dev -- ${talkative}`, { PORT: port, ...env });
    await running.printed(listening);
    assert.equal(pidIn(running.stdout()), running.pid);
    assert.ok(running.stdout().startsWith("\u001b[32mListening"), "nothing is taken from its output");
    assert.match(running.stderr(), said);
    assert.equal(running.stderr().split("\n").length, 2);
    await script.get("/exit/9");
    assert.equal((await running.finished()).code, 9);
    assert.equal(liveLaunches(script.home).size, 0);
  });
}

test("signals are the command's own then, and its words are kept as they are", async (t) => {
  const script = await Script.open(t);
  const words = `FOO='a b' node -e 'console.log(process.env.FOO, process.argv[1]); setInterval(() => {}, 1000)' '$x "y"'`;
  const running = await script.pipe(`exec devlatch dev -- ${words}`, { CI: "1" });
  await running.printed(/a b \$x "y"/);
  signalGroup(running, "SIGTERM");
  const { code, signal } = await running.finished();
  assert.deepEqual([code, signal], [null, "SIGTERM"]);
});

test("where it can only run the command as a child, signals are handed on and its end is told as a shell does", async (t) => {
  const script = await Script.open(t);
  const running = await script.pipe(
    `exec devlatch dev -- node -e "console.log('runs'); setInterval(() => {}, 1000)"`,
    { CI: "1", NODE_OPTIONS: withoutExec },
  );
  await running.printed(/runs/);
  running.process.kill("SIGTERM");
  assert.equal((await running.finished()).code, 143);
});

test("values that say no are none", async (t) => {
  const script = await Script.open(t);
  const running = await script.pipe(undefined, { CI: "false", DEVLATCH: "1" });
  await running.printed(listening);
  assert.equal(liveLaunches(script.home).size, 1);
  signalGroup(running, "SIGTERM");
  await waitFor("it to end", () => running.process.exitCode !== null || running.process.signalCode !== null);
});

for (const [what, line, env, said] of [
  [
    "without a command there is nothing to become",
    "devlatch dev",
    { DEVLATCH: "0" },
    /and no command says what to run instead[\s\S]*devlatch dev -- next dev/,
  ],
  ["a command missing behind --", "devlatch dev --", {}, /[Nn]othing follows --/],
  ["a command without --", "devlatch dev web next dev", {}, /A command to run goes after --/],
  ["output isn't a document", "devlatch dev --json -- node server.js", {}, /can't print JSON/],
  ["a misspelt name", "devlatch dev wib", {}, /wib/],
] as const) {
  test(`${what}: a usage error, and nothing runs`, async (t) => {
    const script = await Script.open(t);
    const running = await script.pipe(line, env);
    const { code, stdout, stderr } = await running.finished();
    assert.equal(code, 2, stdout + stderr);
    assert.match(stdout + stderr, said);
    assert.equal(await script.isUp(), false);
  });
}

test("a program that isn't there is said to be missing as a start says it", async (t) => {
  const script = await Script.open(t);
  const { code, stderr } = await (await script.pipe("devlatch dev -- nxt dev")).finished();
  assert.equal(code, 1);
  assert.match(stderr, /The command "nxt" was not found/);
});

test("another command than what runs is refused, and what runs goes on", async (t) => {
  const script = await Script.open(t);
  const running = await script.pipe();
  await running.printed(listening);
  const { code, stderr } = await (await script.pipe("devlatch dev -- node server.js")).finished();
  assert.equal(code, 3, stderr);
  assert.match(stderr, /it runs `node .*talkative\.mjs`, not `node server\.js`/);
  assert.ok(await script.isUp());
});
