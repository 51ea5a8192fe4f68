import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { commandLine, runCli } from "../support/cli.ts";
import { connectTo } from "../support/daemon.ts";
import { createHome } from "../support/home.ts";
import { signalProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { openTerminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { assertLeft, Desk, detachKey } from "./desk.ts";

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

test("two viewers see the same; the size is that of the one who was active last, and returns when they leave", async (t) => {
  const desk = await Desk.open(t);
  const window = await desk.attach({ columns: 120, rows: 40 });
  await window.shows("Listening at 120x30");
  await window.shows("size 120x40");
  const laptop = await desk.attach({ columns: 90, rows: 20 });
  for (const viewer of [window, laptop]) await viewer.shows("size 90x20");
  window.resize({ columns: 130, rows: 41 });
  for (const viewer of [window, laptop]) await viewer.shows("size 130x41");
  laptop.type("k");
  // A program hears of its size and of the key in either order.
  const both = /size 90x20[\s\S]*?key "k"|key "k"[\s\S]*?size 90x20/;
  for (const viewer of [window, laptop]) await viewer.shows(both);
  laptop.type(detachKey);
  await window.shows("size 130x41");
  await assertLeft(laptop);
});

test("keys are pressed without a look at the terminal, which keeps its size; where nothing runs they are refused", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach({ columns: 120, rows: 40 });
  await terminal.shows("size 120x40");
  const window = await connectTo(desk.home, { kind: "window", name: "shop" });
  t.after(() => window.dispose());
  const keys = { cwd: desk.cwd, app: "web", data: "r" };
  await window.request("terminal/press", keys);
  const shown = await terminal.shows('key "r"');
  assert.doesNotMatch(shown, /size \d/);
  await desk.run("stop");
  await assert.rejects(window.request("terminal/press", keys), { code: "NOT_RUNNING" });
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

test("closing the window detaches, and its size doesn't count any more", async (t) => {
  const desk = await Desk.open(t);
  const [window, closed] = [await desk.attach(), await desk.attach({ columns: 77, rows: 22 })];
  await window.shows("size 77x22");
  closed.close();
  await window.shows("size 100x30");
  await waitFor("one client to be left", () => desk.clients().length === 1);
  window.type("a");
  await window.shows('key "a"');
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
  await terminal.shows("web isn't running, so it has no terminal.");
  await terminal.shows("devlatch start web");
  await terminal.shows("code 1");
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
