import assert from "node:assert/strict";
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { digest } from "../../shared/base/token.ts";
import { often } from "../support/campaign.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { type Ended, startWindows, type WindowsMachine } from "./support/machine.ts";

const machine = await startWindows({ after });

/** Free on this machine, which Wine's programs share. */
const [port, otherPort] = [await freePort(), await freePort()];
/** Each costs a second of processor: Node starts slowly under Wine. */
const callers = often(10, 20);

/** How often Wine's server may crash in one test: now and then it does where many processes begin at once. */
const mostCrashes = 3;
const app = { cwd: "work/my app" };

if (typeof machine === "string") test("Windows", { skip: `there is none here: ${machine.split("\n")[0]}` });
else describe("the built program on Windows", () => claims(machine));

interface Started {
  readonly outcome: string;
  readonly pid: number;
  readonly port: number;
}

/** In the order of the tests: one daemon and one project serve them all, for starting anything takes long under Wine. */
function claims(machine: WindowsMachine): void {
  const devlatch = (...args: string[]) => machine.devlatch(args, app);
  const file = (name: string) => join(machine.onC(app.cwd), name);
  const answer = async (...args: string[]) => jsonOf<Started>(await devlatch(...args, "--json"));

  before(() => {
    mkdirSync(machine.onC(app.cwd), { recursive: true });
    cpSync(join(import.meta.dirname, "programs"), machine.onC(app.cwd), { recursive: true });
    const apps = {
      // As npm installs programs: it becomes node and its script.
      web: { command: "bin\\serve.cmd", port },
      nasty: { command: ".\\nasty.bat", port: otherPort },
      strays: { command: "node nasty.js detached breakaway", port: otherPort },
    };
    // As editors there write it.
    writeFileSync(file("devlatch.json"), JSON.stringify({ apps }, null, 2).replaceAll("\n", "\r\n"));
  });

  let web: Started;
  /** Of tests that begin without a server. */
  const nothing = async () => {};

  const startWeb = async () => {
    web = await answer("start", "web");
  };

  /**
   * Should Wine's server crash, which says nothing of Devlatch, it is tried again.
   * @param again makes what the test begins with, after everything ended
   */
  function claim(
    name: string,
    body: (t: TestContext) => Promise<void>,
    again: () => Promise<void> = startWeb,
  ): void {
    test(name, async (t) => {
      for (let left = mostCrashes; ; left--) {
        try {
          return await body(t);
        } catch (error) {
          if (!machine.crashed) throw error;
        }
        await machine.restart();
        if (left === 0) return t.skip("Wine's server crashed again and again");
        await again();
      }
    });
  }

  claim(
    `${callers} callers at once, without a daemon, get one server`,
    async () => {
      const started = await Promise.all(Array.from({ length: callers }, () => answer("start", "web")));
      assert.equal(started.filter(({ outcome }) => outcome === "started").length, 1);
      const others = started.filter(({ pid, port }) => pid !== started[0]?.pid || port !== started[0]?.port);
      assert.deepEqual(others, [], `unlike ${JSON.stringify(started[0])}`);
      await startWeb();
      assert.equal(web.outcome, "reused");
    },
    nothing,
  );

  claim("status and output say what runs", async () => {
    const status = jsonOf<{
      daemon: { pid: number };
      sessions: { session: string; state: { kind: string } }[];
    }>(await devlatch("status", "--json"));
    assert.deepEqual(
      status.sessions.map(({ session, state }) => [session, state.kind]),
      [["dev_server_web", "ready"]],
    );
    // None of Wine's pseudo-terminals.
    assert.match((await devlatch("status")).stdout, /web +ready · pipes, no terminal +http/);
    const logs = await devlatch("logs", "web");
    assert.match(logs.stdout, new RegExp(`^listening on ${port}\\r?$`, "m"));
  });

  claim("a project is the same one however its path is written", async () => {
    const again = await answer("start", "web", "--cwd", "\\\\?\\c:\\WORK\\My App\\");
    assert.deepEqual([again.outcome, again.pid], ["reused", web.pid]);
  });

  claim("attached, a server's output is seen, and lines can be typed", async (t) => {
    const terminal = machine.onTerminal(["attach", "web"], t, app);
    await terminal.shows(`listening on ${port}`);
    terminal.type("hello\r");
    await terminal.shows("typed hello");
    terminal.type("\u001d");
    await terminal.shows("detached from web");
    assert.equal(await terminal.ended(), 0);
  });

  claim("no other user gets at the pipes of daemon and host", async () => {
    const [home = ""] = globSync("users/*/AppData/Local/Devlatch", { cwd: machine.onC("") });
    const [host = ""] = globSync("sessions/*/dev_server_web", { cwd: machine.onC(home) });
    const { address } = JSON.parse(readFileSync(machine.onC(`${home}/daemon.json`), "utf8"));
    const socket = `C:\\${join(home, host, "host.sock").replaceAll("/", "\\")}`;
    const paths = [address.socketPath, `\\\\.\\pipe\\devlatch-${digest(socket)}`];
    const { json } = await machine.node(["pipes.js", ...paths], app);
    for (const words of json as string[]) {
      const [, owner = "", user = ""] = /^O:(.+)D:P\(A;;FA;;;(S-[^;)]+)\)$/.exec(words) ?? [];
      assert.match(owner, /^(?:BA|S-1-5-21-[\d-]+)$/, words);
      assert.match(user, /^S-1-5-21-[\d-]+$/, words);
    }
  });

  claim("a port's owner is named: command, directory, user, session", async () => {
    const owners = jsonOf<{ listeners: Record<string, unknown>[] }>(
      await devlatch("port", String(port), "--json"),
    );
    assert.equal(owners.listeners.length, 1);
    const [{ pid, command, cwd, user, session } = {}] = owners.listeners;
    assert.deepEqual([pid, cwd, session], [web.pid, "C:\\work\\my app", "dev_server_web"]);
    assert.match(String(command), /node\.exe"? "?C:\\work\\my app\\server\.js"?$/);
    assert.ok(user);
  });

  claim("a port that another program has is a conflict, and stays its", async () => {
    const conflict = await devlatch("start", "nasty", "--port", String(port), "--json");
    assert.equal(conflict.code, 3, conflict.stdout + conflict.stderr);
  });

  claim("a server lives on when its daemon is killed, and is found again", async () => {
    const { daemon } = jsonOf<{ daemon: { pid: number } }>(await devlatch("status", "--json"));
    await machine.node(["-e", `process.kill(${daemon.pid}, "SIGKILL")`]);
    const again = await answer("start", "web");
    assert.deepEqual([again.outcome, again.pid], ["reused", web.pid]);
  });

  claim("a run's code is its command's", async () => {
    const run = await devlatch(
      "run",
      "build",
      "--",
      "node",
      "-e",
      "console.log(6 * 7); process.exitCode = 7",
    );
    assert.equal(run.code, 7, run.stderr);
    assert.match(run.stdout, /42/);
    // In the foreground, with what cmd would act on.
    const beside = await devlatch(
      "with",
      "web",
      "--",
      "node",
      "-e",
      'process.exitCode = "%PATH% & x".length',
    );
    assert.equal(beside.code, 10, beside.stderr);
  });

  claim("a stop asks first, and the server ends in its own way", async () => {
    const stopped = jsonOf<{ outcome: string; survivors: [] }>(await devlatch("stop", "web", "--json"));
    assert.deepEqual([stopped.outcome, stopped.survivors], ["stopped", []]);
    const { stdout } = await devlatch("logs", "web");
    assert.match(stdout, /asked to end/);
    assert.match(stdout, /exited with code 0/);
  });

  const nastyPids = () => JSON.parse(readFileSync(file("nasty.json"), "utf8")) as number[];
  const living = async (pids: readonly number[]) =>
    (await machine.node(["alive.js", ...pids.map(String)], app)).json as number[];

  claim(
    "when a host is killed, nothing of its server is left, not even what left the tree",
    async () => {
      const { pid: server } = await answer("start", "strays");
      const pids = [server, ...nastyPids()];
      assert.deepEqual([pids.length, await living(pids)], [3, pids]);
      const [found = ""] = globSync("users/*/AppData/Local/Devlatch/sessions/*/dev_server_strays/host.json", {
        cwd: machine.onC(""),
      });
      const { host } = JSON.parse(readFileSync(machine.onC(found), "utf8")) as { host: { pid: number } };
      await machine.node(["-e", `process.kill(${host.pid}, "SIGKILL")`]);
      await waitFor("all of it to be gone", async () => (await living(pids)).length === 0);
    },
    nothing,
  );

  claim(
    "a stop finds what left the tree in every way Windows has",
    async () => {
      await answer("start", "nasty");
      const pids = nastyPids();
      assert.deepEqual(await living(pids), pids);
      const stopped = jsonOf<{ survivors: [] }>(await devlatch("stop", "nasty", "--json"));
      assert.deepEqual(stopped.survivors, []);
      assert.deepEqual(await living(pids), []);
    },
    nothing,
  );

  claim(
    "a home that another user may write to is refused",
    async () => {
      const home = machine.onC("users/open");
      mkdirSync(home);
      chmodSync(home, 0o777);
      const refused = await machine.devlatch(["daemon", "start"], {
        env: { DEVLATCH_HOME: "C:\\users\\open" },
      });
      assert.equal(refused.code, 1);
      assert.match(
        refused.stderr,
        /doesn't use C:\\users\\open: another user or group \(S-1-1-0\) may write/,
      );
    },
    nothing,
  );

  claim(
    "a pipe that another user made in place of a daemon's is told nothing",
    async () => {
      mkdirSync(machine.onC("work/taken"), { mode: 0o700 });
      const taken = "\\\\.\\pipe\\devlatch-taken";
      const state = { pid: 4, startTime: "1", epoch: "e", version: "1.0.0", build: "b", startedAt: 1 };
      const daemon = {
        ...state,
        protocol: { min: 2, max: 2 },
        address: { socketPath: taken },
        store: "sqlite",
      };
      writeFileSync(machine.onC("work/taken/daemon.json"), JSON.stringify(daemon), { mode: 0o600 });
      writeFileSync(machine.onC("work/taken/token"), "0".repeat(32), { mode: 0o600 });
      const squatter = ["my app\\squatter.js", taken, "O:S-1-5-21-1-2-3-1002D:(A;;FA;;;WD)"];
      const refused = await machine.node([...squatter, "C:\\devlatch\\devlatch.js", "doctor"], {
        env: { DEVLATCH_HOME: "C:\\work\\taken" },
      });
      assert.match(refused.stdout + refused.stderr, /belongs to another user \(S-1-5-21-1-2-3-1002\)/);
    },
    nothing,
  );

  claim(
    "bad input is refused in words",
    async () => {
      const unknown = await devlatch("start", "nothing");
      assert.equal(unknown.code, 2, unknown.stderr);
      const missing = await devlatch("start", "web", "--", "no-such-program");
      assert.equal(missing.code, 1);
      assert.match(missing.stderr, /no-such-program/);
      const wrong = await devlatch("start", "--port", "70000");
      assert.equal(wrong.code, 2);
    },
    nothing,
  );
}

function jsonOf<T>({ json }: Ended): T {
  return json as T;
}
