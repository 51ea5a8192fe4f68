import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { machineId } from "../../../daemon/processes/machine.ts";
import type { Processes } from "../../../daemon/processes/processes.ts";
import { startProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import { freePort } from "../../support/ports.ts";
import { seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { fixtures, printedPort, processes, startTree } from "./tree.ts";

const root = process.getuid?.() === 0;

describe("Looking at processes", () => {
  it("finds this process with the identity that identify gives", async () => {
    const found = (await processes.list()).find(({ pid }) => pid === process.pid);
    const { pid = 0, startTime = "" } = found ?? {};
    assert.deepEqual(await processes.identify(process.pid), { pid, startTime });
    assert.equal(found?.ppid, process.ppid);
    assert.equal(found?.uid, process.getuid?.());
    assert.ok(await processes.isAlive({ pid, startTime }));
  });

  it("describes a process with command line, directory and user", async (t) => {
    const tree = await startTree(t, "server.mjs");
    // Until it runs it is env(1), which looks for its interpreter.
    await printedPort(tree.program);
    const view = await processes.describe(tree.root.leader);
    assert.equal(view.command, seeProcess(tree.program.pid)?.command);
    assert.equal(view.cwd, process.cwd());
    assert.ok(view.user);
  });

  it("doesn't describe a stranger in place of a process that ended", async (t) => {
    const tree = await startTree(t, "server.mjs");
    const ended = { ...tree.root.leader, startTime: `${tree.root.leader.startTime}1` };
    assert.deepEqual(await processes.describe(ended), { ...ended, command: "(ended)" });
  });

  it("takes a zombie for gone", async (t) => {
    const script =
      "import os,time\nchild=os.fork()\nif not child: os._exit(0)\nprint(child,flush=True)\ntime.sleep(30)";
    const parent = await startProgram("python3", ["-c", script], { env: userEnv() });
    t.after(() => parent.process.kill("SIGKILL"));
    const pid = await printedPort(parent);
    await waitFor("the child to end", () => seeProcess(pid) === undefined);
    assert.equal((await processes.list()).find((one) => one.pid === pid)?.zombie, true);
    assert.equal(await processes.identify(pid), undefined);
  });

  it("takes a process for alive whose main thread has ended while others run", async (t) => {
    const program = await startProgram("python3", [join(fixtures, "threads.py")], { env: userEnv() });
    t.after(() => program.process.kill("SIGKILL"));
    await program.printed(/ready/);
    const state = () => readFileSync(`/proc/${program.pid}/stat`, "utf8");
    await waitFor("the main thread to end", () => state().includes(") Z "));
    assert.equal((await processes.identify(program.pid))?.pid, program.pid);
  });

  it("finds every member of a nasty tree, and no other process", async (t) => {
    const tree = await startTree(t, "nasty.sh");
    await tree.program.printed(/ready/);
    const before = tree.left().map(({ pid }) => pid);
    const members = new Set((await processes.members(tree.root)).map(({ pid }) => pid));
    const still = new Set(tree.left().map(({ pid }) => pid));
    const stable = before.filter((pid) => still.has(pid));
    assert.ok(stable.length >= 7, `${stable.length} processes`);
    assert.deepEqual(
      stable.filter((pid) => !members.has(pid)),
      [],
    );
    assert.ok(!members.has(process.pid) && !members.has(1));
  });

  it("finds a ledger entry that left group, parent and cookie behind", async (t) => {
    const other = await startTree(t, "server.mjs", [], { marked: false });
    await printedPort(other.program);
    const tree = await startTree(t, "server.mjs");
    // Older than the leader: a ledger can't make it a member, for no member is.
    const older = await processes.members({ ...tree.root, ledger: [other.root.leader] });
    assert.deepEqual(
      older.map(({ pid }) => pid),
      [tree.program.pid],
    );
    const younger = await startTree(t, "server.mjs", [], { marked: false });
    const another = await startTree(t, "server.mjs");
    // A process whose program was just loaded shows no environment yet.
    for (const { program } of [tree, younger, another]) await printedPort(program);
    const ledger = [younger.root.leader, another.root.leader];
    const pids = async (asked: Processes) =>
      new Set((await asked.members({ ...tree.root, ledger })).map(({ pid }) => pid));
    // What carries the cookie of a living host's launch is of that one, whatever a ledger says; a cookie alone is invented.
    const host = (await processes.identify(process.pid)) ?? assert.fail("this process lives");
    const knowing = createProcesses(() => [{ ...host, launchId: another.root.cookie }]);
    const [leader, first, second] = [tree.program.pid, younger.program.pid, another.program.pid];
    assert.deepEqual(await pids(knowing), new Set([leader, first]));
    assert.deepEqual(await pids(processes), new Set([leader, first, second]));
    const ended = createProcesses(() => [{ ...host, startTime: "ended", launchId: another.root.cookie }]);
    assert.deepEqual(await pids(ended), new Set([leader, first, second]));
  });

  it("says whose process it is when the system refuses a signal", { skip: !root }, async (t) => {
    const tree = await startTree(t, "server.mjs");
    await printedPort(tree.program);
    const script = `
      import { createProcesses } from ${JSON.stringify(join(import.meta.dirname, "../../../daemon/processes/create-processes.ts"))};
      process.setuid(65534);
      await createProcesses().signal(${JSON.stringify(tree.root.leader)}, "SIGTERM").catch((error) =>
        console.log(JSON.stringify({ code: error.code, message: error.message })));`;
    const stranger = await startProgram(process.execPath, ["--input-type=module", "-e", script], {
      env: userEnv(),
    });
    const { stdout, stderr } = await stranger.finished();
    const { code, message } = JSON.parse(stdout || `{"message": ${JSON.stringify(stderr)}}`);
    assert.equal(code, "CONSENT_REQUIRED", message);
    assert.match(
      message,
      new RegExp(`Process ${tree.program.pid} \\(.*server\\.mjs.*\\) belongs to the user root`),
    );
    assert.equal(tree.left().length, 1);
  });
});

describe("Looking at listeners", () => {
  for (const host of ["127.0.0.1", "::1", "0.0.0.0", "::"]) {
    it(`finds the one listener on ${host}, with its address`, async (t) => {
      const tree = await startTree(t, "server.mjs", [host]);
      const port = await printedPort(tree.program);
      const found = await processes.listeners(port);
      assert.deepEqual(
        found.map(({ pid, startTime, address, port }) => ({ pid, startTime, address, port })),
        [{ ...tree.root.leader, address: host, port }],
      );
      assert.match(found[0]?.command ?? "", /server\.mjs/);
    });
  }

  it("tells the stranger on ::1 from ours on 127.0.0.1, same port", async (t) => {
    const ours = await startTree(t, "server.mjs", ["127.0.0.1"]);
    const port = await printedPort(ours.program);
    const stranger = await startTree(t, "server.mjs", ["::1", String(port)]);
    await printedPort(stranger.program);
    const found = await processes.listeners(port);
    const byAddress = Object.fromEntries(found.map(({ address, pid }) => [address, pid]));
    assert.deepEqual(byAddress, { "127.0.0.1": ours.program.pid, "::1": stranger.program.pid });
  });

  it("doesn't list a connected client", async (t) => {
    const tree = await startTree(t, "server.mjs");
    const port = await printedPort(tree.program);
    const client = connect(port, "127.0.0.1");
    t.after(() => client.destroy());
    await once(client, "connect");
    assert.deepEqual(
      (await processes.listeners(port)).map(({ pid }) => pid),
      [tree.program.pid],
    );
    const all = await processes.listeners();
    assert.ok(all.some((one) => one.port === port && one.pid === tree.program.pid));
    assert.ok(!all.some((one) => one.pid === process.pid));
  });

  it("lists those that work in a directory alone, where only they matter", async (t) => {
    const tree = await startTree(t, "server.mjs");
    const port = await printedPort(tree.program);
    const seen: string[] = [];
    const within = async (answer: boolean) =>
      (
        await processes.listeners(undefined, (cwd) => seen.push(cwd) > 0 && cwd === process.cwd() && answer)
      ).map((one) => one.port);
    assert.ok((await within(true)).includes(port));
    assert.ok(seen.includes(process.cwd()));
    if (process.platform === "linux") assert.deepEqual(await within(false), []);
  });

  for (const host of ["127.0.0.1", "::1", "::"]) {
    it(`finds the clients of a server on ${host}, with the number of their connections`, async (t) => {
      const tree = await startTree(t, "server.mjs", [host]);
      const port = await printedPort(tree.program);
      assert.deepEqual(await processes.clients(port), []);
      // `::` takes IPv4 too, from sockets of either family.
      for (const to of host === "::" ? ["127.0.0.1", "::ffff:127.0.0.1"] : [host, host]) {
        const client = connect(port, to);
        // The server is ended before.
        client.on("error", () => {});
        t.after(() => client.destroy());
        await once(client, "connect");
      }
      const own = await processes.identify(process.pid);
      const found = await processes.clients(port);
      assert.deepEqual(
        found.map(({ pid, startTime, connections }) => ({ pid, startTime, connections })),
        [{ ...own, connections: 2 }],
      );
      assert.equal(found[0]?.cwd, process.cwd());
    });
  }

  it("finds Docker's proxy by its command line where root's sockets are hidden", {
    skip: !root,
  }, async (t) => {
    const port = await freePort();
    const proxy = await startTree(t, "docker-proxy.sh", ["127.0.0.1", `${port}`]);
    await printedPort(proxy.program);
    const module = JSON.stringify(join(import.meta.dirname, "../../../daemon/processes/create-processes.ts"));
    const script = `
      import { createProcesses } from ${module};
      process.setuid(65534);
      console.log(JSON.stringify(await createProcesses().listeners(${port})));`;
    const args = ["--input-type=module", "-e", script];
    const stranger = await startProgram(process.execPath, args, { env: userEnv() });
    const { stdout, stderr } = await stranger.finished();
    const found = JSON.parse(stdout || JSON.stringify([stderr])) as { pid: number; address: string }[];
    assert.deepEqual(
      found.map(({ pid, address }) => ({ pid, address })),
      [{ pid: proxy.program.pid, address: "127.0.0.1" }],
    );
  });

  it("lists both of an SO_REUSEPORT pair", async (t) => {
    const start = async (port: number) => {
      const program = await startProgram("python3", [join(fixtures, "reuseport.py"), String(port)], {
        env: userEnv(),
      });
      t.after(() => program.process.kill("SIGKILL"));
      return { pid: program.pid, port: await printedPort(program) };
    };
    const first = await start(0);
    const second = await start(first.port);
    const found = (await processes.listeners(first.port)).map(({ pid }) => pid);
    assert.deepEqual(new Set(found), new Set([first.pid, second.pid]));
  });

  it("lists parent and child that share one socket over a fork", async (t) => {
    const script =
      "import os,socket,time\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen()\nif os.fork(): print(s.getsockname()[1],flush=True)\ntime.sleep(30)";
    const program = await startProgram("python3", ["-c", script], { env: userEnv(), detached: true });
    t.after(() => process.kill(-program.pid, "SIGKILL"));
    const port = await printedPort(program);
    const found = await processes.listeners(port);
    assert.equal(found.length, 2);
    assert.ok(found.some(({ pid }) => pid === program.pid));
  });

  it("finds a listener whose standard input is the socket and that has nothing else open", async (t) => {
    const script =
      "import os,socket\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen()\nprint(s.getsockname()[1],flush=True)\nos.dup2(s.fileno(),0)\nos.closerange(3,256)\nos.execvp('sleep',['sleep','30'])";
    const program = await startProgram("python3", ["-c", script], { env: userEnv() });
    t.after(() => program.process.kill("SIGKILL"));
    const port = await printedPort(program);
    await waitFor("it to be sleep", () => seeProcess(program.pid)?.command.startsWith("sleep"));
    const found = await processes.listeners(port);
    assert.deepEqual(
      found.map(({ pid }) => pid),
      [program.pid],
    );
  });

  // The kernel gives its table page by page, of some 27 lines each.
  it("finds every listener, wherever the kernel's table is cut into pages", async (t) => {
    const ports = new Set<number>();
    for (let round = 0; round < 70; round++) {
      const server = createServer();
      t.after(() => server.close());
      server.listen(0, round % 2 === 0 ? "127.0.0.1" : "::1");
      await once(server, "listening");
      ports.add((server.address() as AddressInfo).port);
      const found = new Set((await processes.listeners()).map(({ port }) => port));
      assert.deepEqual(
        [...ports].filter((port) => !found.has(port)),
        [],
      );
    }
  });

  it("has an empty answer for a port that no process listens on", async () => {
    assert.deepEqual(await processes.listeners(1), []);
  });
});

describe("This machine", () => {
  it("has the same name in every process", async () => {
    const module = JSON.stringify(join(import.meta.dirname, "../../../daemon/processes/machine.ts"));
    const script = `import { machineId } from ${module}; console.log(await machineId());`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { env: userEnv() });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    await once(child, "close");
    assert.match(said, /^[0-9a-f]{16}\n$/);
    assert.equal(said.trim(), await machineId());
  });
});
