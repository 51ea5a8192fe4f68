import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTerminal, startAgent, type TestCaller } from "../support/callers.ts";
import { startProgram } from "../support/child.ts";
import { runCli } from "../support/cli.ts";
import { userEnv } from "../support/env.ts";
import { createHome, type TestHome } from "../support/home.ts";
import type { Owner } from "../support/owner.ts";
import { freePort } from "../support/ports.ts";
import { seeProcess, signalProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";

/** A call of an agent's hook before its tool runs a command line. */
function hookCall(command: string, cwd: string): string {
  const input = { command, description: "what for" };
  return JSON.stringify({
    hook_event_name: "PreToolUse",
    tool_name: "Bash",
    session_id: "1",
    cwd,
    tool_input: input,
  });
}

/** Why the guard refuses a command line of an agent's; undefined where it passes, and then nothing may be said. */
async function refusal(agent: TestCaller, command: string, cwd: string): Promise<string | undefined> {
  const { code, stdout, stderr } = await agent.feed(hookCall(command, cwd), "guard");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  if (stdout === "") return undefined;
  const { hookSpecificOutput } = JSON.parse(stdout);
  assert.equal(hookSpecificOutput.permissionDecision, "deny");
  return hookSpecificOutput.permissionDecisionReason;
}

async function prepare(owner: Owner): Promise<{ readonly cwd: string; readonly port: number }> {
  const cwd = await prepareProject("plain", owner);
  const port = await freePort();
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: { port } } }));
  return { cwd, port };
}

describe("an agent's hook", () => {
  let home: TestHome;
  let own: TestCaller;
  let other: TestCaller;
  let server: Answer;
  let place: Awaited<ReturnType<typeof prepare>>;
  const ends: (() => void | Promise<void>)[] = [];
  /** What is shared by the tests below ends with the last of them. */
  const owner: Owner = { after: (end) => void ends.unshift(end) };

  before(async () => {
    home = createHome(owner);
    own = startAgent(owner, home, "claude");
    other = startAgent(owner, home, "codex");
    place = await prepare(owner);
    server = await own.json<Answer>("start", "web", "--cwd", place.cwd);
  });
  after(async () => {
    for (const end of ends) await end();
  });

  it("refuses a second server, with the address of the one that runs", async () => {
    for (const agent of [own, other]) {
      const said = await refusal(agent, "PORT=3999 npm run dev &", place.cwd);
      assert.ok(said?.includes(server.url), said);
      assert.match(said ?? "", /web runs already.*started by Claude Code/);
    }
  });

  it("refuses the end of another's server by port, pid and name, and says whose it is and how to ask", async () => {
    const lines = [
      `kill -9 $(lsof -ti:${place.port})`,
      `npx kill-port ${place.port}`,
      `kill ${server.pid}`,
      "pkill -f server.js",
    ];
    for (const line of lines) {
      const said = await refusal(other, line, place.cwd);
      assert.match(
        said ?? "nothing",
        /would end web .*started by Claude Code.* is used by Claude Code/,
        line,
      );
      assert.ok(said?.includes(`devlatch stop web --cwd ${place.cwd}`), said);
    }
    assert.match((await refusal(own, "killall node", place.cwd)) ?? "", /Devlatch's daemon/);
    assert.ok(seeProcess(server.pid), "nothing was signalled");
  });

  it("lets an agent end what is its own, and what is none of Devlatch's", async (t) => {
    assert.equal(await refusal(own, `kill $(lsof -ti:${place.port})`, place.cwd), undefined);
    const port = await freePort();
    const script = `require("node:net").createServer().listen(${port}, () => console.log("up"))`;
    const stranger = await startProgram(process.execPath, ["-e", script], { env: userEnv() });
    t.after(() => stranger.process.kill("SIGKILL"));
    await stranger.printed(/up/);
    assert.equal(await refusal(other, `fuser -k ${port}/tcp`, place.cwd), undefined);
    assert.equal(await refusal(other, `kill ${stranger.pid}`, place.cwd), undefined);
    assert.equal(await refusal(other, "git commit -m 'pkill -f server.js'", place.cwd), undefined);
  });

  it("takes what another uses, too, for no agent's own", async (t) => {
    const terminal = await openTerminal(t, home);
    await terminal.json<Answer>("start", "web", "--cwd", place.cwd);
    assert.match((await refusal(own, `kill ${server.pid}`, place.cwd)) ?? "nothing", /is used by a terminal/);
    await terminal.end();
    assert.equal(await refusal(own, `kill ${server.pid}`, place.cwd), undefined);
  });

  it("knows a server that a person started by hand", async (t) => {
    const { cwd, port } = await prepare(t);
    const env = userEnv({ PORT: `${port}` });
    const byHand = await startProgram("npm", ["run", "dev"], { cwd, env, detached: true });
    t.after(() => process.kill(-byHand.pid, "SIGKILL"));
    const said = await waitFor("the server to be seen", async () => {
      const reason = await refusal(own, "npm run dev", cwd);
      return reason?.includes("runs already") ? reason : undefined;
    });
    assert.ok(said.includes(`:${port}`), said);
    assert.match((await refusal(own, `npx kill-port ${port}`, cwd)) ?? "nothing", /started by hand/);
  });

  it("lets pass what it can't judge: no call at all, one that is too long, a daemon that doesn't answer", async () => {
    const kill = hookCall(`kill ${server.pid}`, place.cwd);
    const nothing = { code: 0, stdout: "", stderr: "" };
    const long = hookCall(`kill ${server.pid} #${"x".repeat(2_000_000)}`, place.cwd);
    for (const input of ["", "{", "null", "[]", "\0\u{feff}", kill.slice(0, -1), long])
      assert.deepEqual(await other.feed(input, "guard"), nothing, input.slice(0, 40));
    assert.deepEqual(await other.feed(kill, "guard", "--no-such-flag"), await other.feed(kill, "guard"));
    const off = await runCli(["guard"], { home, input: kill, env: { DEVLATCH_GUARD: "off" } });
    assert.deepEqual([off.code, off.stdout, off.stderr], [0, "", ""]);
    const daemon = seeProcess(home.daemonPid() ?? 0);
    assert.ok(daemon);
    signalProcess(daemon, "SIGSTOP");
    assert.deepEqual(await other.feed(kill, "guard"), nothing);
    signalProcess(daemon, "SIGKILL");
    await waitFor("the daemon to be gone", () => home.daemonPid() === undefined);
    assert.deepEqual(await other.feed(kill, "guard"), nothing);
    // Without a daemon the project's files say what Devlatch would start; none is started for the question.
    const said = await refusal(other, "npm run dev", place.cwd);
    assert.match(said ?? "nothing", /devlatch start web/);
    assert.equal(home.daemonPid(), undefined);
  });
});
