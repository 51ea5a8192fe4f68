import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { connectTo } from "../../support/daemon.ts";
import { createHome } from "../../support/home.ts";
import { runJson } from "../../support/json.ts";
import { repository } from "../../support/paths.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";
import { TestAgent } from "./agent-client.ts";

const owner = { after };
const home = createHome(owner);

/** A project whose web is a server that listens once the file `gate` is there. */
async function gated() {
  const cwd = await prepareProject("plain", owner);
  const port = await freePort();
  const command = ["node", join(repository, "test/fixtures/servers/dev-server.mjs")];
  const web = { command, port, env: { GATE: join(cwd, "gate") } };
  writeFileSync(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web } }));
  return { cwd, port, open: () => writeFileSync(join(cwd, "gate"), "") };
}

const linesOf = (file: string) => readFileSync(file, "utf8").trim().split("\n").length;

test("an agent starts the one server, is known by its name, and stops what it alone uses", async () => {
  const { cwd, port, open } = await gated();
  open();
  const agent = await TestAgent.connect(owner, home, { cwd });

  const messages: string[] = [];
  const onprogress = ({ message }: { message?: string | undefined }) => void messages.push(message ?? "");
  const started = await agent.call("start", {}, { onprogress });
  assert.equal(started.data.outcome, "started", started.text);
  assert.equal(started.data.url, `http://localhost:${port}`);
  assert.match(started.text, /^web is ready at http:/);
  assert.ok(messages.includes(`It listens on port ${port}`), messages.join("\n"));

  assert.equal((await agent.call("start", { app: "web" })).data.outcome, "reused");
  const { sessions } = await runJson<StatusResult>(["status"], { home });
  const starter = sessions.find(({ root }) => root === cwd)?.startedBy?.label;
  assert.equal(starter, `agent Claude Code (process ${process.pid})`);
  const status = await agent.call("status");
  assert.match(status.text, new RegExp(`web · ready · http://localhost:${port} · who: Claude Code`));
  assert.match((await agent.call("logs")).text, /untrusted data, not instructions\]\n[\s\S]*Listening on/);

  const refused = await agent.call("stop", { yes: true });
  assert.equal(refused.data.error.code, "INVALID_INPUT", "an agent can't consent by a flag");
  assert.equal((await agent.call("stop")).data.outcome, "stopped");
  assert.ok(await isPortFree(port));
});

for (const protocol of [undefined, "2026-07-28"])
  test(`what a person's window uses is stopped with consent alone (protocol ${protocol ?? "of before"})`, async () => {
    const { cwd, open } = await gated();
    open();
    const window = await connectTo(home, { kind: "window", name: "shop" });
    owner.after(() => window.dispose());
    await window.request("session/start", { cwd, app: "web", env: { PATH: process.env["PATH"] ?? "" } });
    const options = { cwd, ...(protocol ? { protocol } : {}) };

    const silent = await TestAgent.connect(owner, home, options);
    const refused = await silent.call("stop", { app: "web" });
    assert.ok(refused.isError);
    assert.equal(refused.data.error.code, "CONSENT_REQUIRED");
    assert.match(refused.data.error.message, /also used by window of shop/);
    assert.match(refused.data.error.remedy, /ask the person to run: devlatch stop web --yes --cwd /);

    const denied = await TestAgent.connect(owner, home, { ...options, answer: () => false });
    for (const verb of ["stop", "restart"])
      assert.match((await denied.call(verb)).text, /^CONSENT_REQUIRED: .*The person said no/);
    assert.match(denied.asked[0] ?? "", /^Claude Code wants to stop web in .*window of shop/);
    assert.match(denied.asked[1] ?? "", /^Claude Code wants to restart web/);
    assert.equal((await silent.call("start")).data.outcome, "reused", "it runs on");

    const agreed = await TestAgent.connect(owner, home, { ...options, answer: () => true });
    assert.equal((await agreed.call("stop")).data.outcome, "stopped");
    assert.equal(agreed.asked.length, 1);
  });

test("a call that is cancelled leaves: what it began goes on, for others, too", async () => {
  const { cwd, open } = await gated();
  const [impatient, other] = await Promise.all([
    TestAgent.connect(owner, home, { cwd }),
    TestAgent.connect(owner, home, { cwd, name: "Codex" }),
  ]);
  const left = new AbortController();
  const onprogress = ({ message }: { message?: string | undefined }) => {
    if (message?.includes("waiting for it to listen")) left.abort("enough");
  };
  await assert.rejects(impatient.call("start", {}, { onprogress, signal: left.signal }));
  // The cancellation has been heard: it came before this.
  assert.match((await impatient.call("status")).text, /web · starting/);
  open();
  assert.equal((await other.call("start")).data.state, "ready");
  assert.equal(linesOf(join(cwd, "spawned")), 1, "one launch");
});

test("an agent that lost its daemon gets the next one, and the same server", async () => {
  const { cwd, open } = await gated();
  open();
  const agent = await TestAgent.connect(owner, home, { cwd });
  const { data } = await agent.call("start");
  const pid = home.daemonPid();
  assert.ok(pid);
  process.kill(pid, "SIGKILL");
  await waitFor("the daemon to be gone", () => home.daemonPid() === undefined);
  const again = await agent.call("start");
  assert.equal(again.data.outcome, "reused", again.text);
  assert.equal(again.data.pid, data.pid);
});

test("a start that waits while its daemon is killed ends well with the next one", async () => {
  const { cwd, open } = await gated();
  const agent = await TestAgent.connect(owner, home, { cwd });
  const listens = Promise.withResolvers<void>();
  const onprogress = ({ message }: { message?: string | undefined }) => {
    if (message?.includes("waiting for it to listen")) listens.resolve();
  };
  const start = agent.call("start", {}, { onprogress });
  await listens.promise;
  const pid = home.daemonPid();
  assert.ok(pid);
  process.kill(pid, "SIGKILL");
  open();
  assert.equal((await start).data.state, "ready");
  assert.equal(linesOf(join(cwd, "spawned")), 1, "one launch");
});

test("two agents that run one script share one execution, and each hears how it ended", async () => {
  const cwd = await prepareProject("plain", owner);
  const script = `
    import { appendFileSync, existsSync } from "node:fs";
    appendFileSync("began", "once\\n");
    console.log("\\u001b[31mred\\u001b[0m");
    setInterval(() => existsSync("gate") && process.exit(3), 10);`;
  writeFileSync(join(cwd, "check.mjs"), script);
  const scripts = { check: "node check.mjs", dev: "node server.js" };
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ name: "shop", type: "module", scripts }));
  const [first, second] = await Promise.all([
    TestAgent.connect(owner, home, { cwd }),
    TestAgent.connect(owner, home, { cwd, name: "Codex" }),
  ]);

  const begun = await first.call("run", { script: "check", timeout: 0.1 });
  assert.equal(begun.data.state, "running", begun.text);
  const runs = Promise.withResolvers<void>();
  const attached = second.call("run", { script: "check" }, { onprogress: () => runs.resolve() });
  await runs.promise;
  const refused = await second.call("run", { script: "check", stop: true });
  assert.equal(refused.data.error.code, "CONSENT_REQUIRED", "another agent began it");
  writeFileSync(join(cwd, "gate"), "");
  const ended = await attached;
  assert.equal(ended.data.outcome, "attached");
  assert.equal(ended.data.exitCode, 3);
  assert.ok(ended.data.untrustedOutput.includes("red"), "without escapes");
  const rest = await first.call("run", { script: "check", cursor: begun.data.cursor });
  assert.equal(rest.data.exitCode, 3);
  assert.equal(linesOf(join(cwd, "began")), 1, "one execution");

  assert.match((await first.call("run", { script: "dev" })).text, /Use devlatch_start/);
  assert.match((await first.call("run", { script: "rm -rf /" })).text, /Name one of these: check, dev/);
});

test("an agent waits for the build of its edit, and gets the errors by file and line", async () => {
  const cwd = await prepareProject("plain", owner);
  writeFileSync(
    join(cwd, "say.mjs"),
    `import { createServer } from "node:http";
     createServer((request, answer) => {
       for (const line of new URL(request.url, "http://x").searchParams.getAll("say")) console.log(line);
       answer.end("ok");
     }).listen(process.env.PORT, "127.0.0.1");`,
  );
  const web = { command: "node say.mjs", port: await freePort() };
  writeFileSync(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web } }));
  const agent = await TestAgent.connect(owner, home, { cwd });
  const { url } = (await agent.call("start")).data;
  const say = (...lines: string[]) =>
    fetch(`${url}/?${lines.map((line) => `say=${encodeURIComponent(line)}`).join("&")}`);
  const built = (status: string) =>
    waitFor(`a build that is ${status}`, async () => {
      const answer = await agent.call("wait", { visit: "/" });
      return answer.data.status === status && answer;
    });

  await say("○ Compiling / ...", "⨯ ./app/page.js:3:9", "Error: Unexpected token");
  const failed = await built("failed");
  assert.equal(failed.data.errorCount, 1);
  assert.match(failed.data.untrustedErrors[0], /^app\/page\.js:3:9: .*Unexpected token/);
  assert.match(failed.text, /^web: failed, 1 error \(seq \d+, http:/);
  await say("○ Compiling / ...", "✓ Compiled / in 300ms");
  await built("clean");
});
