import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Caller } from "../../../daemon/holders/callers.ts";
import { Callers } from "../../../daemon/holders/callers.ts";
import { Holders } from "../../../daemon/holders/holders.ts";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import { startProgram } from "../../support/child.ts";
import { silentLog } from "../../support/log.ts";
import { waitFor } from "../../support/wait.ts";

const processes = createProcesses();
const web = { sandboxId: "team-box", app: "web" };

/** A store that several machines share, on a clock that the test moves. */
async function shared(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "dl-holders-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const world = { now: 1_000_000, stopped: false, machine, lose };
  const store = await openSqliteStore({ file: join(directory, "store.db"), clock: () => world.now });
  t.after(() => store.close());
  async function machine(name: string): Promise<Holders> {
    const { records } = store;
    const now = () => store.now();
    const isStopped = () => world.stopped;
    const named = { machineId: name, machine: name };
    const holders = new Holders({ ...named, records, processes, log: silentLog, isStopped, now });
    t.after(() => holders.dispose());
    await holders.begin();
    return holders;
  }
  /** What Redis does when it restarts empty. */
  async function lose(): Promise<void> {
    for (const { key, version } of await store.records.list("")) await store.records.delete(key, version);
  }
  return world;
}

/** A caller that lives until told to end. */
async function living(t: TestContext, label: string): Promise<Caller & { end(): Promise<void> }> {
  const program = await startProgram(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  t.after(() => {
    program.process.kill("SIGKILL");
  });
  const identity = await processes.identify(program.pid);
  assert.ok(identity);
  const end = async () => {
    program.process.kill("SIGKILL");
    await waitFor("its end", async () => !(await processes.isAlive(identity)));
  };
  return { ...identity, kind: "agent", label, end };
}

function labels(views: readonly { label: string }[]): readonly string[] {
  return views.map(({ label }) => label);
}

test("holders of all machines are known to all, and each tells only of its own whether they live", async (t) => {
  const world = await shared(t);
  const [here, there] = [await world.machine("here"), await world.machine("there")];
  const [one, two] = [await living(t, "one"), await living(t, "two")];
  assert.equal(await here.join(web, one), true);
  assert.equal(await here.join(web, one), false, "once is enough");
  await there.join(web, two);

  assert.deepEqual(labels(await here.others(web, one)), ["two on there"]);
  assert.deepEqual(labels(await there.others(web, one)), ["one on here", "two"], "a pid is one machine's");
  await one.end();
  assert.deepEqual(labels(await there.others(web, two)), ["one on here"]);
  assert.deepEqual(labels(await here.others(web, undefined)), ["two on there"]);
  assert.deepEqual(labels(await there.others(web, two)), []);
});

test("many that come and go at once on daemons of one machine are all there in the end", async (t) => {
  const world = await shared(t);
  const daemons = [await world.machine("here"), await world.machine("here")];
  const self = await processes.identify(process.pid);
  assert.ok(self);
  const leaving = await living(t, "leaving");
  await daemons[0]?.join(web, leaving);
  const joins = Array.from({ length: 12 }, async (_, index) => {
    const caller = await living(t, `caller ${index}`);
    await daemons[index % 2]?.join(web, caller);
  });
  await Promise.all([...joins, daemons[1]?.leave(web, leaving)]);
  for (const daemon of daemons) assert.equal((await daemon.others(web, undefined)).length, 12);
  await daemons[0]?.forget(web);
  assert.deepEqual(await daemons[1]?.others(web, undefined), []);
});

test("a machine that says nothing for three minutes holds nothing, one that confirms its holders does", async (t) => {
  const world = await shared(t);
  const [here, there] = [await world.machine("here"), await world.machine("there")];
  await there.join(web, await living(t, "two"));
  world.now += 2 * 60_000;
  assert.equal(await here.isHeld(web), true);
  await there.confirm(web);
  world.now += 2 * 60_000;
  assert.equal(await here.isHeld(web), true);
  world.now += 2 * 60_000;
  assert.equal(await here.isHeld(web), false);
  assert.equal(await there.isHeld(web), true, "it sees for itself");
  assert.deepEqual(labels(await here.others(web, undefined)), ["two on there"], "asking does no harm");
});

test("what is shown follows those who end while a client watches, and changes are told", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const here = await (await shared(t)).machine("here");
  const one = await living(t, "one");
  const told: string[] = [];
  here.onChanged((key) => told.push(key));
  await here.join(web, one);
  assert.deepEqual(told, ["team-box/web"]);
  const watching = here.watch();
  await one.end();
  t.mock.timers.tick(30_000);
  await waitFor("it to be dropped", () => here.of(web).length === 0);
  watching.dispose();
});

test("a window that is reloaded goes on holding; another window, or one that comes after a stop, does not", async (t) => {
  const world = await shared(t);
  const here = await world.machine("here");
  const [window, reloaded, other] = await Promise.all(
    ["shop", "shop", "blog"].map((name) => living(t, name)),
  );
  assert.ok(window && reloaded && other);
  await here.join(web, { ...window, kind: "window" });
  await window.end();
  await here.dropEnded();
  await here.comeBack({ ...other, kind: "window" });
  assert.deepEqual(here.of(web), []);
  await here.comeBack({ ...reloaded, kind: "window" });
  assert.deepEqual(labels(here.of(web)), ["shop"]);

  await reloaded.end();
  await here.dropEnded();
  world.stopped = true;
  await here.comeBack({ ...(await living(t, "shop")), kind: "window" });
  assert.deepEqual(here.of(web), []);
});

test("a store that lost its data is told again who holds what runs, not who held what was stopped", async (t) => {
  const world = await shared(t);
  const here = await world.machine("here");
  await here.join(web, await living(t, "one"));
  await world.lose();
  await waitFor("the loss to be noticed", () => here.of(web).length === 0);
  await here.bringBack(web);
  assert.deepEqual(labels(await here.others(web, undefined)), ["one"]);

  world.stopped = true;
  await here.forget(web);
  world.stopped = false;
  await here.bringBack(web);
  assert.deepEqual(here.of(web), []);
});

test("a client stands for itself, a command line for the program that runs it", async (t) => {
  const callers = new Callers(processes);
  const self = await processes.identify(process.pid);
  const client = { pid: process.pid, trusted: true } as const;
  assert.deepEqual(await callers.of({ ...client, kind: "window", name: "shop" }), {
    ...self,
    kind: "window",
    label: "window of shop",
  });
  const tools = await callers.of({ ...client, kind: "mcp", name: "claude-code" });
  assert.equal(tools?.pid, process.pid);
  assert.equal(
    tools?.label,
    `agent Claude Code (process ${tools?.agent?.pid})`,
    "by the process it works for",
  );
  const inShell = await startProgram("sh", ["-c", "sleep 60; :"], { detached: true });
  t.after(() => process.kill(-inShell.pid, "SIGKILL"));
  const found = await callers.of({ ...client, kind: "cli", name: "devlatch start", pid: inShell.pid });
  assert.equal(found?.kind, "program");
  assert.deepEqual([found?.pid, found?.startTime], [self?.pid, self?.startTime]);
  const asked = { ...client, kind: "cli", name: "devlatch start", pid: inShell.pid, agent: "Codex" } as const;
  const agent = await callers.of(asked);
  assert.deepEqual([agent?.kind, agent?.label], ["agent", `agent Codex (process ${process.pid})`]);
  const foreground = await callers.of({ ...asked, name: "devlatch dev", stays: true });
  assert.deepEqual([foreground?.pid, foreground?.agent?.pid], [inShell.pid, process.pid]);
  const stays = await callers.of({
    ...client,
    kind: "cli",
    name: "devlatch dev",
    stays: true,
    pid: inShell.pid,
  });
  assert.equal(stays?.pid, inShell.pid, "one that goes on while it uses a server stands for itself");
  assert.match(stays?.label ?? "", /devlatch dev \(process \d+\)$/);
  assert.equal(await callers.of({ ...client, kind: "window", name: "gone", pid: 2 ** 22 + 1 }), undefined);
});

test("what an agent left running holds nothing once the agent has ended, and its processes are one party", async (t) => {
  const holders = await (await shared(t)).machine("here");
  const agent = await living(t, "agent");
  const left = await living(t, "left");
  const { pid, startTime } = agent;
  await holders.join(web, { ...left, agent: { pid, startTime } });
  assert.deepEqual(labels(await holders.others(web, { ...agent })), [], "the agent itself is no other");
  assert.equal(await holders.isHeld(web), true);
  await agent.end();
  assert.equal(await holders.isHeld(web), false);
});

test("that a person used a session is known until it is forgotten", async (t) => {
  const holders = await (await shared(t)).machine("here");
  await holders.join(web, await living(t, "an agent"));
  assert.equal(holders.wasUsedByPerson(web), false);
  const person = await living(t, "a person");
  await holders.join(web, { ...person, kind: "terminal" });
  await person.end();
  await holders.dropEnded();
  assert.equal(holders.wasUsedByPerson(web), true);
  await holders.forget(web);
  assert.equal(holders.wasUsedByPerson(web), false);
});

test("an editor's window and an agent that works within it are two users, though one process", async (t) => {
  const holders = await (await shared(t)).machine("here");
  const editor = await living(t, "window of shop");
  const { pid, startTime } = editor;
  const window: Caller = { pid, startTime, kind: "window", label: "window of shop" };
  const tools = await living(t, "agent Copilot");
  const within: Caller = { pid, startTime, kind: "agent", label: "agent Copilot" };
  await holders.join(web, window);
  for (const agent of [within, { ...tools, agent: { pid, startTime } }])
    assert.deepEqual(labels(await holders.others(web, agent)), ["window of shop"]);
  await holders.join(web, within);
  await holders.leave(web, within);
  assert.deepEqual(labels(await holders.others(web, undefined)), ["window of shop"]);
});

test("a program's commands and its tool servers are one agent's, unless those bear different names", async (t) => {
  const holders = await (await shared(t)).machine("here");
  const [agent, first, second, terminal] = await Promise.all(
    ["program", "agent A", "agent B", "terminal"].map((name) => living(t, name)),
  );
  assert.ok(agent && first && second && terminal);
  const { pid, startTime } = agent;
  const tools = { ...first, agent: { pid, startTime } };
  await holders.join(web, { ...agent, kind: "program" });
  await holders.join(web, tools);
  for (const own of [
    { ...agent, kind: "program" } as const,
    tools,
    { ...second, agent: tools.agent, label: "agent A" },
  ])
    assert.deepEqual(labels(await holders.others(web, own)), [], own.label);
  const other = { ...second, agent: { pid, startTime } };
  assert.deepEqual(labels(await holders.others(web, other)), ["agent A"]);
  await holders.join(web, { ...terminal, kind: "terminal" });
  const within = { ...second, agent: { pid: terminal.pid, startTime: terminal.startTime } };
  assert.ok(labels(await holders.others(web, within)).includes("terminal"), "a terminal is a person's");
});
