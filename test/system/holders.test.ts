import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ThreadPage } from "../../shared/model/thread.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { openTerminal, startAgent, type TestCaller } from "../support/callers.ts";
import { runCli } from "../support/cli.ts";
import { connectTo } from "../support/daemon.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { firstLaunch, liveLaunches } from "./launches.ts";

interface Place {
  readonly home: TestHome;
  readonly cwd: string;
  readonly port: number;
}

interface Refusal {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string;
    readonly data: { readonly holders: readonly { readonly kind: string; readonly label: string }[] };
  };
}

async function prepare(context: TestContext, web: Record<string, unknown> = {}): Promise<Place> {
  const home = createHome(context);
  const cwd = await prepareProject("plain", context);
  const port = await freePort();
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: { port, ...web } } }));
  return { home, cwd, port };
}

/** `VERB web` on behalf of a caller, which must succeed. */
function act<T = Answer>(caller: TestCaller, { cwd }: Place, verb: string, ...flags: string[]): Promise<T> {
  return caller.json<T>(verb, "web", "--cwd", cwd, ...flags);
}

/** Labels of those who hold web. */
async function holdersOf({ home }: Place): Promise<readonly string[]> {
  const { sessions } = await runJson<StatusResult>(["status"], { home });
  return sessions.find(({ app }) => app === "web")?.holders.map(({ label }) => label) ?? [];
}

async function eventsOf({ home, cwd }: Place): Promise<readonly string[]> {
  const page = await runJson<ThreadPage>(["logs", "web", "--cursor", "0", "--cwd", cwd], { home });
  return page.messages.filter(({ kind }) => kind === "event").map(({ text }) => text);
}

test("a terminal and an agent that use a server are known by name, and neither stops it unasked", async (context) => {
  const place = await prepare(context);
  const { home, cwd, port } = place;
  const terminal = await openTerminal(context, home);
  const agent = startAgent(context, home, "fakeagent");

  await act(terminal, place, "start");
  assert.equal((await act(agent, place, "start")).outcome, "reused");

  const labels = await holdersOf(place);
  assert.match(labels[0] ?? "", /^terminal pts\/\d+, sh$/);
  assert.equal(labels[1], `fakeagent (process ${agent.pid})`);
  assert.equal(labels.length, 2);
  const status = await runCli(["status"], { home });
  assert.match(status.stdout, /you, in a terminal · also fakeagent$/m);
  const { sessions } = await runJson<StatusResult>(["status"], { home });
  assert.equal(sessions[0]?.startedBy?.label, labels[0], "the one who began is written down");

  for (const verb of ["stop", "restart"]) {
    const refused = await agent.call(verb, "web", "--cwd", cwd, "--json");
    assert.equal(refused.code, 3, refused.stdout);
    const { error } = JSON.parse(refused.stdout) as Refusal;
    assert.equal(error.code, "CONSENT_REQUIRED");
    assert.match(error.message, /also used by terminal pts\/\d+, sh\.$/, "the caller itself doesn't count");
    assert.match(error.remedy, new RegExp(`devlatch ${verb} web --yes`));
    assert.deepEqual(
      error.data.holders.map(({ kind }) => kind),
      ["terminal"],
    );
  }
  assert.equal(await isPortFree(port), false, "it still runs");

  await act(agent, place, "restart", "--yes");
  assert.equal((await holdersOf(place)).length, 2, "a restart takes it from no one");
  await act(terminal, place, "stop", "--yes");
  assert.equal(await isPortFree(port), true);
  await act(agent, place, "start");
  assert.deepEqual(
    await holdersOf(place),
    [`fakeagent (process ${agent.pid})`],
    "the stop made all forgotten",
  );
});

test("a server that no other caller uses is stopped without asking, also when others have ended or only looked", async (context) => {
  const place = await prepare(context);
  const { home, cwd } = place;
  const agent = startAgent(context, home, "fakeagent");
  const other = startAgent(context, home, "other");
  await act(agent, place, "start");
  await other.json("logs", "web", "--cwd", cwd);
  await act(agent, place, "stop");

  await act(other, place, "start");
  assert.equal((await agent.call("stop", "web", "--cwd", cwd)).code, 3);
  await other.end();
  await act(agent, place, "stop");
  assert.equal(liveLaunches(home).size, 0);
});

test("a caller that waits for a server to start is asked before it is stopped", async (context) => {
  const place = await prepare(context, { command: ["node", "-e", "setInterval(() => {}, 1000)"] });
  const { home, cwd } = place;
  const agent = startAgent(context, home, "fakeagent");
  const terminal = await openTerminal(context, home);
  const starting = agent.call("start", "web", "--cwd", cwd);
  await waitFor("the process to run", () => liveLaunches(home).size === 1);

  assert.equal((await terminal.call("stop", "web", "--cwd", cwd)).code, 3);
  await act(terminal, place, "stop", "--yes");
  assert.equal((await starting).code, 1, "the start was cancelled");
  assert.deepEqual(await holdersOf(place), []);
});

test("a caller that starts a server while it is being stopped holds the new one", async (context) => {
  const stubborn =
    "process.on('SIGTERM', () => {}); require('http').createServer((_, r) => r.end()).listen(process.env.PORT)";
  const place = await prepare(context, { command: ["node", "-e", stubborn], stopTimeoutMs: 1_500 });
  const { home, cwd } = place;
  const first = startAgent(context, home, "first");
  const second = startAgent(context, home, "second");
  await act(first, place, "start");
  const launch = await firstLaunch(home);
  const stopping = first.call("stop", "web", "--cwd", cwd);
  await waitFor("the stop to begin", async () => (await eventsOf(place)).includes("stopping with SIGTERM"));

  assert.equal((await act(second, place, "start")).outcome, "started");
  assert.equal((await stopping).code, 0);
  assert.equal(liveLaunches(home).has(launch ?? ""), false);
  assert.deepEqual(await holdersOf(place), [`second (process ${second.pid})`]);
});

test("following the output and being a window or an agent's own server is using it, too", async (context) => {
  const place = await prepare(context);
  const { home, cwd } = place;
  const agent = startAgent(context, home, "fakeagent");
  await act(agent, place, "start");
  const window = await connectTo(home, { kind: "window", name: "shop" });
  context.after(() => window.dispose());
  await window.request("terminal/attach", { cwd, app: "web", columns: 80, rows: 24 });
  const terminal = await openTerminal(context, home);
  terminal.begin("logs", "web", "--follow", "--cwd", cwd);

  await waitFor("three holders", async () => (await holdersOf(place)).length === 3);
  assert.equal((await holdersOf(place))[1], "window of shop");
  await terminal.end();
  assert.equal((await holdersOf(place)).length, 2, "a closed terminal holds nothing");
});

test("killing the daemon makes it forget no holder", async (context) => {
  const place = await prepare(context);
  const { home, cwd } = place;
  const terminal = await openTerminal(context, home);
  const agent = startAgent(context, home, "fakeagent");
  await act(terminal, place, "start");
  await act(agent, place, "start");
  const before = await holdersOf(place);

  const daemon = home.daemonPid();
  assert.ok(daemon);
  process.kill(daemon, "SIGKILL");
  await waitFor("the daemon to be gone", () => home.daemonPid() === undefined);

  assert.deepEqual(await holdersOf({ ...place }), []);
  await runJson(["daemon", "start"], { home });
  assert.deepEqual(await holdersOf(place), before);
  assert.equal((await agent.call("stop", "web", "--cwd", cwd)).code, 3);
});

test("with stopWhenUnused a server is stopped a while after its last holder left, and not before", async (context) => {
  const place = await prepare(context, { stopWhenUnused: { afterMs: 700 } });
  const { home, port } = place;
  const terminal = await openTerminal(context, home);
  const agent = startAgent(context, home, "fakeagent");
  await act(agent, place, "start");
  await act(terminal, place, "start");
  await agent.end();
  await waitFor("the agent to be forgotten", async () => (await holdersOf(place)).length === 1);
  // Several times as long as it would take if it weren't used.
  await assert.rejects(
    waitFor("a stop", () => isPortFree(port), { timeoutMs: 3_000 }),
    /in vain/,
  );

  await terminal.end();
  await waitFor("the port to be free", () => isPortFree(port));
  await waitFor("the tree to be gone", () => liveLaunches(home).size === 0);
  assert.ok((await eventsOf(place)).includes("stopped: no one used it for 700 ms"));
});

test("a holder that comes back in time keeps an unused server, also one that the daemon's death left behind", async (context) => {
  const place = await prepare(context, { stopWhenUnused: { afterMs: 10_000 } });
  const { home, port } = place;
  const first = startAgent(context, home, "first");
  const second = startAgent(context, home, "second");
  const { pid } = await act(first, place, "start");
  await first.end();
  await waitFor("it to be unused", async () => (await holdersOf(place)).length === 0);
  assert.equal((await act(second, place, "start")).pid, pid);
  await assert.rejects(
    waitFor("a stop", () => isPortFree(port), { timeoutMs: 12_000 }),
    /in vain/,
  );

  process.kill(home.daemonPid() ?? -1, "SIGKILL");
  await second.end();
  await waitFor("the daemon to be gone", () => home.daemonPid() === undefined);
  await runJson(["daemon", "start"], { home });
  await waitFor("the port to be free", () => isPortFree(port));
});

test("two callers that keep stopping each other's server are both told", async (context) => {
  const place = await prepare(context);
  const { home } = place;
  const first = startAgent(context, home, "first");
  const second = startAgent(context, home, "second");
  const told: (string | undefined)[] = [];
  for (let round = 0; round < 3; round++) {
    told.push((await act<{ notice?: string }>(first, place, "start")).notice);
    if (round < 2) told.push((await act<{ notice?: string }>(second, place, "stop", "--yes")).notice);
  }

  assert.deepEqual(told.slice(0, 3), [undefined, undefined, undefined]);
  assert.match(
    told[3] ?? "",
    /^You and first \(process \d+\) have been starting and stopping web against each other/,
  );
  assert.match(told[4] ?? "", /^You and second \(process \d+\) have been/);
  const events = (await eventsOf(place)).filter((text) => text.includes("against each other"));
  assert.equal(events.length, 2, events.join("\n"));
});
