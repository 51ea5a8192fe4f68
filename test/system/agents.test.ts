import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { atTerminal } from "../support/at-terminal.ts";
import { openTerminal, startAgent, type TestCaller } from "../support/callers.ts";
import { runProgram, startProgram } from "../support/child.ts";
import { runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";

/** A checkout with further worktrees, whose server ends soon after the last agent. */
async function checkouts(context: TestContext, web: Record<string, unknown> = {}) {
  const main = await prepareProject("plain", context);
  await writeFile(
    join(main, "devlatch.json"),
    JSON.stringify({ apps: { web: { command: "node server.js", port: await freePort(), ...web } } }),
  );
  const git = async (...words: string[]) => {
    const identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"];
    const { code, stderr } = await runProgram("git", [...identity, ...words], { cwd: main });
    assert.equal(code, 0, stderr);
  };
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "a");
  const beside = [join(main, "../one"), join(main, "../two")];
  for (const [index, directory] of beside.entries())
    await git("worktree", "add", "-q", "-b", `b${index}`, directory);
  return [main, ...beside] as const;
}

function portIn(cwd: string): number {
  return JSON.parse(readFileSync(join(cwd, "devlatch.json"), "utf8")).apps.web.port;
}

const start = (caller: TestCaller, cwd: string) => caller.json<Answer>("start", "web", "--cwd", cwd);

async function stateIn(home: TestHome, cwd: string) {
  const { sessions } = await runJson<StatusResult>(["status"], { home });
  return sessions.find(({ root }) => root === cwd);
}

test("three worktrees, two agents and a person at once: what killed agents alone used ends, and nothing else", async (context) => {
  const home = createHome(context);
  const [main = "", one = "", two = ""] = await checkouts(context, { stopAfterAgents: { afterMs: 1_000 } });
  const person = await openTerminal(context, home);
  const claude = startAgent(context, home, "node", { CLAUDECODE: "1" });
  const codex = startAgent(context, home, "codex");

  const answers = await Promise.all([start(person, main), start(claude, one), start(codex, two)]);
  assert.equal(new Set(answers.map(({ port }) => port)).size, 3, "a port each");
  const shared = await start(codex, main);
  assert.equal(shared.outcome, "reused");
  const status = await runCli(["status"], { home });
  assert.match(status.stdout, /you, in a terminal · also Codex/);
  assert.match(status.stdout, /Claude Code/);

  const refused = await codex.call("stop", "web", "--cwd", one);
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(refused.stderr, /also used by agent Claude Code \(process \d+\)/);

  await Promise.all([claude.end(), codex.end()]);
  for (const { port } of answers.slice(1))
    await waitFor("an agent's server to end", () => isPortFree(port ?? 0));
  assert.equal(await isPortFree(answers[0]?.port ?? 0), false, "the person's server is untouched");
  assert.equal((await stateIn(home, main))?.holders.length, 1);
  assert.equal((await start(person, main)).pid, answers[0]?.pid);
});

test("what an agent had started stays where a person used it since, or the file says so", async (context) => {
  const home = createHome(context);
  const [main = "", one = "", two = ""] = await checkouts(context, { stopAfterAgents: { afterMs: 500 } });
  const config = join(one, "devlatch.json");
  const kept = (await readFile(config, "utf8")).replace('{"afterMs":500}', "false");
  await writeFile(config, kept);
  const person = await openTerminal(context, home);
  const agent = startAgent(context, home, "node", { GEMINI_CLI: "1" });
  const used = await start(agent, main);
  const setting = await start(agent, one);
  const alone = await start(agent, two);
  assert.equal((await start(person, main)).outcome, "reused");
  const browser = connect(alone.port ?? 0, "127.0.0.1");
  context.after(() => browser.destroy());
  await once(browser, "connect");
  await person.end();
  await agent.end();

  await assert.rejects(
    waitFor("a stop", () => isPortFree(alone.port ?? 0), { timeoutMs: 3_000 }),
    /in vain/,
    "its page is open",
  );
  browser.destroy();
  await waitFor("the one that agents alone used to end", () => isPortFree(alone.port ?? 0));
  await waitFor("its reason", async () => {
    const { stdout } = await runCli(["logs", "web", "--cwd", two], { home });
    return /no one used it for 500 ms, and agent Gemini CLI \(process \d+\) had it started/.test(stdout);
  });
  for (const { port } of [used, setting]) assert.equal(await isPortFree(port ?? 0), false);
});

test("two agents that take a port from each other are both told", async (context) => {
  const home = createHome(context);
  const [main = "", one = ""] = await checkouts(context);
  const agents = [
    { agent: startAgent(context, home, "claude"), cwd: main },
    { agent: startAgent(context, home, "codex"), cwd: one },
  ] as const;
  const { port } = await start(agents[0].agent, main);
  assert.ok(port);
  const notices: string[] = [];
  for (const { agent, cwd } of [agents[1], agents[0], agents[1], agents[0]]) {
    const freed = await agent.json<{ notice?: string }>("port", String(port), "--free", "--yes");
    notices.push(freed.notice ?? "");
    await agent.json("start", "web", "--cwd", cwd, "--port", String(port));
  }
  assert.deepEqual(notices.slice(0, 3), ["", "", ""]);
  assert.match(notices[3] ?? "", /^You and agent Codex .* taking port \d+ from each other/);
});

test("before servers use more memory than they may, one that an agent left is offered, never taken", async (context) => {
  const home = createHome(context);
  await writeFile(join(home.directory, "health.json"), '{ "serversPercent": 0.001 }');
  const [main = "", one = ""] = await checkouts(context, { stopAfterAgents: false });
  const agent = startAgent(context, home, "claude");
  const left = await start(agent, one);
  await waitFor("what it uses", async () => (await stateIn(home, one))?.resources !== undefined);
  const other = startAgent(context, home, "codex");
  assert.equal((await start(other, one)).outcome, "reused", "what runs costs nothing more");
  await start(other, main);
  await other.json("stop", "web", "--cwd", main);

  await Promise.all([agent.end(), other.end()]);
  const refused = await runCli(["start", "web", "--cwd", main], { home });
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(
    refused.stderr,
    /servers use \d+ MB of the \d+ MB they may use together \(0\.001 % of the memory\)/,
  );
  assert.match(
    refused.stderr,
    /devlatch stop web --cwd \S+ \(\d+ MB, unused for .*, started by agent Claude Code/,
  );
  assert.equal(await isPortFree(left.port ?? 0), false, "it was offered, not taken");

  const byHand = await startProgram(process.execPath, ["server.js"], {
    cwd: main,
    env: home.env({ PORT: String(portIn(main)) }),
  });
  context.after(() => byHand.process.kill("SIGKILL"));
  await byHand.printed(/Listening/);
  const adopted = await runJson<Answer>(["start", "web", "--cwd", main], { home });
  assert.equal(adopted.outcome, "adopted", "what runs already needs no more memory");
  byHand.process.kill("SIGKILL");
  await waitFor("its port", () => isPortFree(portIn(main)));

  const no = await atTerminal(`start web --cwd ${main}`, home, { answer: ["n\r", "n\r"] });
  assert.equal(no.code, 3, no.shown);
  assert.match(no.shown, /Stop web of .*, which agent Claude Code .* left unused\? \[y\/N\]/);
  assert.equal(await isPortFree(left.port ?? 0), false);
  const yes = await atTerminal(`start web --cwd ${main}`, home, { answer: "y\r" });
  assert.equal(yes.code, 0, yes.shown);
  assert.equal(await isPortFree(left.port ?? 0), true);
});
