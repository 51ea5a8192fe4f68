import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type CliOptions, runCli, startCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { assertNoneLeft } from "../support/leaks.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { seeProcess, signalProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";

interface StartDocument {
  readonly outcome: string;
  readonly session: string;
  readonly state: string;
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly sandboxId: string;
}

interface Message {
  readonly seq: number;
  readonly kind: string;
  readonly text: string;
}

/** A server that writes a numbered line every 20 ms. */
const ticker = `
  let n = 0;
  require("node:http").createServer((q, s) => s.end("ok")).listen(process.env.PORT, "127.0.0.1");
  setInterval(() => console.log("tick " + n++), 20);
`;

async function setUp(
  t: TestContext,
): Promise<{ home: TestHome; cwd: string; port: number; options: CliOptions }> {
  const cwd = await prepareProject("plain", t);
  const home = createHome(t);
  return { home, cwd, port: await freePort(), options: { home, cwd } };
}

function messagesIn(output: string): Message[] {
  const lines = output.slice(0, output.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Message);
}

describe("a server from the command line", () => {
  it("is started, reused, shown, restarted and stopped", async (t) => {
    const { home, port, options } = await setUp(t);
    const begin = ["start", "web", "--port", `${port}`];
    const first = await runJson<StartDocument>(begin, options);
    assert.deepEqual(
      [first.outcome, first.session, first.state, first.port, first.url],
      ["started", "dev_server_web", "ready", port, `http://localhost:${port}`],
    );
    assert.equal(await (await fetch(first.url)).text(), "Hello from plain\n");

    const second = await runJson<StartDocument>(begin, options);
    assert.deepEqual([second.outcome, second.pid, second.url], ["reused", first.pid, first.url]);

    const line = `^ {2}web +ready +http://localhost:${port} .*\\n +pid ${first.pid} .* process`;
    // Its processes are counted at the daemon's next look.
    await waitFor("its line in status", async () => {
      const { stdout } = await runCli(["status", "-l"], options);
      return new RegExp(line, "m").test(stdout) || undefined;
    });
    const listeners = await runCli(["port", `${port}`], options);
    assert.match(listeners.stdout, new RegExp(`${first.pid}.*web of plain`));
    // It may have answered before its line was read.
    let last: unknown;
    const describe = () => JSON.stringify(last);
    const isTold = async () => {
      const { code, stdout, stderr } = await runCli(["logs", "web"], options);
      last = { code, stdout, stderr };
      return new RegExp(`^Listening on http://127.0.0.1:${port}$`, "m").test(stdout) || undefined;
    };
    await waitFor("its line in the logs", isTold, { describe });

    const again = await runJson<StartDocument>(["restart", "web", "--port", `${port}`], options);
    assert.equal(again.outcome, "started");
    assert.notEqual(again.pid, first.pid);
    assert.equal(seeProcess(first.pid), undefined);

    const stopped = await runJson<Record<string, unknown>>(["stop", "web"], options);
    assert.deepEqual([stopped["outcome"], stopped["survivors"]], ["stopped", []]);
    assert.equal(await isPortFree(port), true);
    const nothing = await runJson<Record<string, unknown>>(["stop", "web"], options);
    assert.equal(nothing["outcome"], "not_running");
    const daemon = home.daemonPid();
    await assertNoneLeft(
      { DEVLATCH_HOME: home.directory },
      { graceMs: 30_000, except: daemon ? [daemon] : [] },
    );
  });

  it("a start shows its phases on standard error, and standard output has the result alone", async (t) => {
    const { port, options } = await setUp(t);
    const result = await runCli(["start", "web", "--port", `${port}`], options);
    assert.equal(result.code, 0);
    assert.match(result.stdout, /^web is ready at http:\/\/localhost:\d+ \(started in .*, pid \d+\)\n$/);
    assert.ok(result.stderr.split("\n").length >= 3, result.stderr);
    const quiet = await runCli(["start", "web", "--port", `${port}`, "--json"], options);
    assert.equal(quiet.stderr, "");
  });

  it("a start under way is shown as far as it is, and its lock as old as it is", async (t) => {
    const { options } = await setUp(t);
    const idle = ["--", process.execPath, "-e", "setInterval(() => {}, 1000)"];
    const running = await startCli(["start", "web", ...idle], options);
    await running.printed(/waiting for it to listen/i);
    const seenAt = performance.now();
    const look = () =>
      runJson<{ sessions: { state: object }[]; locks: { heldMs: number; silentMs: number }[] }>(
        ["status"],
        options,
      );
    await waitFor("some time to pass", () => performance.now() - seenAt > 500);
    const heldMs = performance.now() - seenAt;
    const { sessions, locks } = await look();
    assert.partialDeepStrictEqual(sessions[0]?.state, { kind: "starting", phase: "spawned" });
    assert.ok((locks[0]?.heldMs ?? 0) >= heldMs, `${locks[0]?.heldMs} ms of ${heldMs}`);
    assert.match(
      (await runCli(["status"], options)).stdout,
      /starting · process runs, waiting for it to listen, \d/,
    );
    running.process.kill("SIGINT");
    await running.finished(20_000);
  });

  it("Ctrl-C during a start exits with 130 and leaves nothing", async (t) => {
    const { home, options } = await setUp(t);
    const idle = ["--", process.execPath, "-e", "setInterval(() => {}, 1000)"];
    const running = await startCli(["start", "web", ...idle], options);
    await running.printed(/waiting for it to listen/i);
    running.process.kill("SIGINT");
    const { code, stderr } = await running.finished(20_000);
    assert.equal(code, 130);
    assert.match(stderr, /The start of web was cancelled; no server was left behind/);
    const daemon = home.daemonPid();
    await assertNoneLeft(
      { DEVLATCH_HOME: home.directory },
      { graceMs: 30_000, except: daemon ? [daemon] : [] },
    );
  });
});

describe("following the output", () => {
  it("goes on after the daemon was killed, without a gap or a repetition, and ends with Ctrl-C", async (t) => {
    const { home, port, options } = await setUp(t);
    const started = await runCli(
      ["start", "web", "--port", `${port}`, "--", process.execPath, "-e", ticker],
      options,
    );
    assert.equal(started.code, 0, started.stderr);
    const running = await startCli(["logs", "web", "--follow", "--cursor", "0", "--json"], options);
    const last = () => messagesIn(running.stdout()).at(-1)?.seq ?? 0;
    await waitFor("messages", () => last() > 20);
    const daemon = seeProcess(home.daemonPid() ?? -1);
    assert.ok(daemon);
    signalProcess(daemon, "SIGKILL");
    await waitFor("the daemon to die", () => seeProcess(daemon.pid) === undefined);
    const before = last();
    await waitFor("messages after the daemon was killed", () => last() > before + 20, {
      describe: () => running.stderr(),
    });
    running.process.kill("SIGINT");
    const { code, stdout, stderr } = await running.finished();
    assert.equal(code, 0, stderr);
    const sequences = messagesIn(stdout).map(({ seq }) => seq);
    assert.deepEqual(
      sequences,
      sequences.map((_, index) => index + 1),
    );
    const ticks = messagesIn(stdout).filter(({ text }) => text.startsWith("tick "));
    assert.deepEqual(
      ticks.map(({ text }) => text),
      ticks.map((_, index) => `tick ${index}`),
    );
  });

  it("doesn't bring back a daemon that was stopped on purpose, and goes on once a user does", async (t) => {
    const { home, port, options } = await setUp(t);
    await runCli(["start", "web", "--port", `${port}`, "--", process.execPath, "-e", ticker], options);
    const running = await startCli(["logs", "web", "--follow"], options);
    await running.printed(/tick 5\n/);
    assert.equal((await runCli(["daemon", "stop"], options)).code, 0);
    await running.printed(/The daemon was stopped; waiting/);
    assert.equal(home.daemonPid(), undefined);
    const before = running.stdout().split("\n").length;
    assert.equal((await runCli(["daemon", "start"], options)).code, 0);
    await waitFor("more output", () => running.stdout().split("\n").length > before + 20);
    running.process.kill("SIGINT");
    const { stdout } = await running.finished();
    const ticks = [...stdout.matchAll(/^tick (\d+)$/gm)].map((match) => Number(match[1]));
    assert.deepEqual(
      ticks,
      ticks.map((_, index) => (ticks[0] ?? 0) + index),
    );
  });

  it("ends quietly when its reader goes away", async (t) => {
    const { port, options } = await setUp(t);
    await runCli(["start", "web", "--port", `${port}`, "--", process.execPath, "-e", ticker], options);
    const running = await startCli(["logs", "web", "--follow"], options);
    await running.printed(/tick \d+\n/);
    running.process.stdout?.destroy();
    const { code, stderr } = await running.finished(15_000);
    assert.equal(code, 0);
    assert.equal(stderr, "");
  });

  it("pages by cursor: each page begins where the last one ended", async (t) => {
    const { port, options } = await setUp(t);
    await runCli(["start", "web", "--port", `${port}`, "--", process.execPath, "-e", ticker], options);
    const logs = (...args: string[]) =>
      runJson<{ messages: Message[]; next: number }>(["logs", "web", ...args], options);
    const page = (cursor: number) => logs("--cursor", `${cursor}`, "--limit", "5");
    await waitFor("twelve messages", async () => (await page(10)).messages.length >= 2);
    const sequences: number[] = [];
    for (let cursor = 0; sequences.length < 12; ) {
      const { messages, next } = await page(cursor);
      sequences.push(...messages.map(({ seq }) => seq));
      cursor = next;
    }
    assert.deepEqual(
      sequences,
      sequences.map((_, index) => index + 1),
    );
    const matching = await logs("--grep", "tick 3$", "--cursor", "0");
    assert.deepEqual(
      matching.messages.map(({ text }) => text),
      ["tick 3"],
    );
  });
});
