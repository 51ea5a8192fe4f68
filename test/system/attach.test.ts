import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ThreadPage } from "../../shared/model/thread.ts";
import { commandLine, runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import type { Owner } from "../support/owner.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { processesWith, seeProcess, signalProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { openTerminal, type TerminalSize, type TestTerminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { runJson } from "./json.ts";

const ctrlC = "\u0003";
const detachKey = "\u001d";
const attached = "devlatch: attached to web";

/** A started server with keys, and terminals attached to it. */
class Desk {
  readonly home: TestHome;
  readonly cwd: string;
  readonly #owner: Owner;

  private constructor(owner: Owner, home: TestHome, cwd: string) {
    this.#owner = owner;
    this.home = home;
    this.cwd = cwd;
  }

  static async open(owner: Owner): Promise<Desk> {
    const home = createHome(owner);
    const cwd = await prepareProject("plain", owner);
    const command = ["node", join(repository, "test/fixtures/processes/interactive.mjs")];
    writeFileSync(
      join(cwd, "devlatch.json"),
      JSON.stringify({ apps: { web: { command, port: await freePort() } } }),
    );
    const desk = new Desk(owner, home, cwd);
    await desk.run<Answer>("start");
    return desk;
  }

  run<T = unknown>(verb: "start" | "stop" | "restart"): Promise<T> {
    return runJson<T>([verb, "web", "--cwd", this.cwd], { home: this.home });
  }

  async killDaemon(): Promise<void> {
    const pid = this.home.daemonPid();
    assert.ok(pid, "a daemon runs");
    process.kill(pid, "SIGKILL");
    await waitFor("the daemon to be gone", () => this.home.daemonPid() === undefined);
  }

  /** The command lines that are attached. */
  clients() {
    const all = processesWith("DEVLATCH_HOME", this.home.directory);
    return all.filter(({ command }) => /devlatch\.js attach/.test(command) && !command.startsWith("sh "));
  }

  /** `devlatch attach web` between two looks at the terminal's settings, then its exit code. */
  async attach(size?: TerminalSize): Promise<TestTerminal> {
    const command = `'${process.execPath}' '${commandLine}' attach web --cwd '${this.cwd}'`;
    const looks = `echo "before $(stty -g)"; ${command}; echo "code $?"; echo "after $(stty -g)"`;
    const terminal = openTerminal(looks, {
      home: this.home,
      owner: this.#owner,
      ...(size ? { size } : {}),
    });
    await terminal.shows(attached);
    return terminal;
  }
}

/** The last line of the session's thread. */
async function lastLine(desk: Desk): Promise<string | undefined> {
  const page = await runJson<ThreadPage>(["logs", "web", "--limit", "1", "--cwd", desk.cwd], {
    home: desk.home,
  });
  return page.messages[0]?.text;
}

function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

/** Waits for the end: exit code as it should be, and the terminal's settings as they were. */
async function assertLeft(terminal: TestTerminal, code = 0): Promise<void> {
  await terminal.ended();
  const shown = terminal.shown();
  assert.match(shown, new RegExp(`code ${code}\r`));
  const [, before] = /before (\S+)/.exec(shown) ?? [];
  const [, after] = /after (\S+)/.exec(shown) ?? [];
  assert.ok(before);
  assert.equal(after, before);
}

test("keys reach the server and its answer comes back; detaching leaves it running and the terminal as it was", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  for (const keys of ["a", "\u0003", "\u001b[A", "\u001a", "→ grüße 🎉", "\r", "\u0013"]) {
    terminal.type(keys);
    await terminal.shows(`key ${JSON.stringify(keys)}`);
  }
  terminal.type(`last${detachKey}`);
  await terminal.shows("devlatch: detached from web, which runs on");
  await assertLeft(terminal);
  const again = await desk.attach();
  await again.shows('key "last"');
});

test("a paste of 100 KB arrives whole and in order", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  const paste = `<${Array.from({ length: 12_000 }, (_, line) => `${line} ü`).join("\r")}>`;
  terminal.type(paste);
  const digest = createHash("sha256").update(paste).digest("hex");
  await terminal.shows(`paste ${paste.length} ${digest}`);
});

test("two viewers see the same; the size is that of whoever was active last, and returns when they leave", async (t) => {
  const desk = await Desk.open(t);
  const window = await desk.attach({ columns: 120, rows: 40 });
  await window.shows("Listening at 120x30");
  await window.shows("size 120x40");
  const laptop = await desk.attach({ columns: 90, rows: 20 });
  for (const viewer of [window, laptop]) await viewer.shows("size 90x20");
  window.resize({ columns: 130, rows: 41 });
  for (const viewer of [window, laptop]) await viewer.shows("size 130x41");
  laptop.type("k");
  for (const viewer of [window, laptop]) {
    await viewer.shows("size 90x20");
    await viewer.shows('key "k"');
  }
  laptop.type(detachKey);
  await window.shows("size 130x41");
  await assertLeft(laptop);
});

test("what the server switched on is switched off when detaching, and the terminal shows again what comes", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  terminal.type("f");
  await terminal.shows("full screen");
  terminal.type(detachKey);
  const left = await terminal.shows("devlatch: detached from web");
  for (const off of ["[?1000l", "[?1006l", "[?2004l", "[?25h", "[?1049l"])
    assert.ok(left.includes(`\u001b${off}`), `${off} in ${JSON.stringify(left)}`);
  await assertLeft(terminal);
});

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  test(`${signal} gives the terminal back and leaves the server running`, async (t) => {
    const desk = await Desk.open(t);
    const terminal = await desk.attach();
    await terminal.shows("Listening at");
    terminal.type("f");
    await terminal.shows("full screen");
    const [client] = desk.clients();
    assert.ok(client);
    signalProcess(client, signal);
    const left = await terminal.shows("devlatch: detached from web");
    assert.ok(left.includes("\u001b[?1049l"));
    await assertLeft(terminal, code);
    assert.equal((await desk.run<Answer>("start")).outcome, "reused");
  });
}

test("closing the window detaches, and its size is nobody's any more", async (t) => {
  const desk = await Desk.open(t);
  const [window, closed] = [await desk.attach(), await desk.attach({ columns: 77, rows: 22 })];
  await window.shows("size 77x22");
  closed.close();
  await window.shows("size 100x30");
  await waitFor("one client to be left", () => desk.clients().length === 1);
  window.type("a");
  await window.shows('key "a"');
});

test("SIGTERM ends it also while its terminal takes nothing", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  terminal.pause();
  terminal.type("n");
  const [client] = desk.clients();
  assert.ok(client);
  await waitFor("the flood to be written", async () => (await lastLine(desk)) === "flood over", {
    timeoutMs: 60_000,
  });
  signalProcess(client, "SIGTERM");
  await waitFor("it to end", () => desk.clients().length === 0);
  terminal.resume();
  await assertLeft(terminal, 143);
});

test("a terminal that falls behind costs bounded memory in client and daemon, and shows the last of it in the end", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  const [client] = desk.clients();
  const daemon = desk.home.daemonPid();
  assert.ok(client && daemon);
  const before = [residentMegabytes(client.pid), residentMegabytes(daemon)];
  terminal.pause();
  terminal.type("n");
  await waitFor("the flood to be written", async () => (await lastLine(desk)) === "flood over", {
    timeoutMs: 120_000,
  });
  const grown = [residentMegabytes(client.pid), residentMegabytes(daemon)].map(
    (now, index) => now - (before[index] ?? 0),
  );
  t.diagnostic(`client and daemon grew by ${grown.join(" and ")} MB`);
  for (const megabytes of grown) assert.ok(megabytes < 60, `${megabytes} MB`);
  terminal.resume();
  await terminal.shows("flood over", 60_000);
  terminal.type("y");
  await terminal.shows('key "y"');
});

test("a command line that is frozen costs the daemon bounded memory, and attaches again when it goes on", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  const [client] = desk.clients();
  const daemon = desk.home.daemonPid();
  assert.ok(client && daemon);
  const before = residentMegabytes(daemon);
  terminal.type("n");
  await terminal.shows("~~~ 1\r");
  signalProcess(client, "SIGSTOP");
  await waitFor("the flood to be written", async () => (await lastLine(desk)) === "flood over", {
    timeoutMs: 120_000,
  });
  const grown = residentMegabytes(daemon) - before;
  t.diagnostic(`daemon grew by ${grown} MB`);
  signalProcess(client, "SIGCONT");
  assert.ok(grown < 60, `${grown} MB`);
  await terminal.shows("flood over", 60_000);
  terminal.type("y");
  await terminal.shows('key "y"');
});

test("the daemon is killed while attached: the next one is started, what was shown is shown again, keys go on", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  terminal.type("a");
  await terminal.shows('key "a"');
  await desk.killDaemon();
  await terminal.shows("devlatch: the daemon is away; web runs on");
  await terminal.shows("\u001b[H\u001b[2J");
  const again = await terminal.shows('key "a"');
  assert.match(again, /^Listening at/);
  terminal.type("b");
  await terminal.shows('key "b"');
  terminal.type(detachKey);
  await assertLeft(terminal);
});

test("the daemon is stopped while attached: it is waited for, and Ctrl-C detaches meanwhile", async (t) => {
  const desk = await Desk.open(t);
  const [patient, hasty] = [await desk.attach(), await desk.attach()];
  await runCli(["daemon", "stop"], { home: desk.home });
  for (const one of [patient, hasty]) await one.shows("waiting until it runs again");
  assert.equal(desk.home.daemonPid(), undefined, "somebody wanted it gone");
  hasty.type(`a${ctrlC}`);
  await hasty.shows("devlatch: detached from web, which runs on");
  await assertLeft(hasty);
  await runCli(["daemon", "start"], { home: desk.home });
  await patient.shows("Listening at");
  patient.type("b");
  const shown = await patient.shows('key "b"');
  assert.doesNotMatch(shown, /key "a|key "\\u0003/, "what was typed while the daemon was away went nowhere");
});

test("a restart by somebody else: the new launch is attached to", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  const pidIn = (text: string) => /process (\d+)/.exec(text)?.[1];
  const first = pidIn(await terminal.shows(/Listening at .*process \d+/));
  await desk.run("restart");
  await terminal.shows("devlatch: web ended by SIGTERM.");
  await terminal.shows("devlatch: web was started again.");
  const second = pidIn(await terminal.shows(/Listening at .*process \d+/));
  assert.ok(first && second && first !== second);
  terminal.type("a");
  await terminal.shows('key "a"');
});

test("the server's end is told in words; nobody starts it again, so it is over, exit 0", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  terminal.type("q");
  await terminal.shows("devlatch: web exited with code 0.");
  await terminal.shows("devlatch: web isn't running any more.");
  await assertLeft(terminal);
});

test("Ctrl-C after the server's end doesn't wait for another launch", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await desk.run("stop");
  await terminal.shows("devlatch: web ended by SIGTERM.");
  const begun = performance.now();
  terminal.type(ctrlC);
  await terminal.shows("devlatch: web isn't running any more.");
  assert.ok(performance.now() - begun < 1_500);
  await assertLeft(terminal);
});

test("what a terminal would answer is not asked again by what it is shown of the past", async (t) => {
  const desk = await Desk.open(t);
  const first = await desk.attach();
  await first.shows("Listening at");
  first.type("c");
  await first.shows("\u001b[6n");
  first.type("k");
  await first.shows('key "k"');
  const second = await desk.attach();
  const past = await second.shows('key "k"');
  assert.match(past, /where\?/);
  assert.ok(!past.includes("\u001b[6n"));
});

test("where it isn't running, it says so as other verbs do", async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const command = `'${process.execPath}' '${commandLine}' attach web --cwd '${cwd}'; echo "code $?"`;
  const terminal = openTerminal(command, { home, owner: t });
  await terminal.shows("dev_server_web isn't running, so it has no terminal.");
  await terminal.shows("devlatch start web");
  await terminal.shows("code 1");
});

test("a session whose host is killed has ended", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  const server = seeProcess((await desk.run<Answer>("start")).pid);
  const host = seeProcess(server?.ppid ?? 0);
  assert.match(host?.command ?? "", /host\.js/);
  if (host) signalProcess(host, "SIGKILL");
  await terminal.shows("devlatch: web ended.");
  await terminal.shows("devlatch: web isn't running any more.");
  await assertLeft(terminal);
});

test("without a terminal, or as JSON, it is refused with what to do instead", async (t) => {
  const home = createHome(t);
  const piped = await runCli(["attach", "web"], { home });
  assert.equal(piped.code, 2);
  assert.match(piped.stderr, /attach needs a terminal/);
  assert.match(piped.stderr, /devlatch logs web --follow/);
  const json = await runCli(["attach", "web", "--json"], { home });
  assert.equal(json.code, 2);
  const { error } = json.json as { error: { code: string; remedy: string } };
  assert.equal(error.code, "INVALID_INPUT");
  assert.match(error.remedy, /devlatch logs web --follow/);
});
