import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { interrupt, openPipes, TerminalLines } from "../../../daemon/host/piped-terminal.ts";
import type { Terminal } from "../../../daemon/host/terminal.ts";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { waitFor } from "../../support/wait.ts";

/** A node with this program, on pipes. */
function open(t: TestContext, program: string, env: Record<string, string> = {}) {
  let output = "";
  const interrupted: number[] = [];
  const command = {
    ...{ file: process.execPath, args: ["-e", program], cwd: process.cwd(), columns: 80, rows: 24 },
    env: { PATH: process.env["PATH"] ?? "", ...env },
  };
  const terminal: Terminal = openPipes(
    command,
    (bytes) => {
      output += bytes.toString();
    },
    (pid) => interrupted.push(pid),
  );
  t.after(async () => {
    try {
      process.kill(terminal.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
    await terminal.ended;
  });
  return { terminal, interrupted, output: () => output };
}

test("output comes with line ends as in a terminal, the exit after it", async (t) => {
  const { terminal, output } = open(t, "console.log('out'); console.error('err'); process.exitCode = 3");
  assert.equal(terminal.kind, "pipes");
  assert.deepEqual(await terminal.ended, { code: 3, signal: null });
  assert.match(output(), /out\r\n/);
  assert.match(output(), /err\r\n/);
  assert.throws(() => terminal.write("x"), /has ended/);
  assert.throws(() => terminal.resize(80, 24), /has ended/);
});

test("what a program writes for another isn't coloured", async (t) => {
  const { terminal, output } = open(t, "console.log(3000)");
  await terminal.ended;
  assert.equal(output(), "3000\r\n");
});

test("lines can be typed, and Ctrl-C is an interruption, not text", async (t) => {
  const program = "process.stdin.on('data', (data) => console.log(JSON.stringify(String(data))))";
  const { terminal, interrupted, output } = open(t, program);
  terminal.write("rs\r");
  await waitFor("the line to be read", () => output().includes('"rs\\n"'));
  terminal.write("\u0003");
  assert.deepEqual(interrupted, [terminal.pid]);
  terminal.write("q\u0003\r");
  await waitFor("the rest to be read", () => output().includes('"q\\n"'));
  assert.equal(interrupted.length, 2);
});

test("what the leader leaves behind with the pipes doesn't hold its end up", async (t) => {
  const left = "setTimeout(() => {}, 60_000)";
  const program = `const { pid } = require("node:child_process").spawn(process.execPath, ["-e", "${left}"], { stdio: "inherit", detached: true }); console.log(pid); process.exit(0)`;
  const { terminal, output } = open(t, program);
  assert.deepEqual(await terminal.ended, { code: 0, signal: null });
  process.kill(Number.parseInt(output(), 10), "SIGKILL");
});

test("what can't be spawned is an error", () => {
  const command = { file: "/no/such", args: [], cwd: "/", env: {}, columns: 80, rows: 24 };
  assert.throws(
    () =>
      openPipes(
        command,
        () => {},
        () => {},
      ),
    /can't be spawned/,
  );
});

test("line feeds become line ends once, wherever the bytes are cut", () => {
  const lines = new TerminalLines();
  const taken = ["a\nb\r", "\nc\n", "\n", "d"].map((text) => lines.take(Buffer.from(text)).toString());
  assert.equal(taken.join(""), "a\r\nb\r\nc\r\n\r\nd");
});

test("Ctrl-C reaches the leader's whole group, which is its own", {
  skip: process.platform === "win32" ? "there it is the console's" : false,
}, async (t) => {
  const told = (name: string) =>
    `process.on('SIGINT', () => { console.log('${name} heard'); process.exit() }); console.log('${name} ready'); process.stdin.resume()`;
  const child = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(told("child"))}], {stdio: 'inherit'}); `;
  const { terminal, output } = open(t, child + told("leader"));
  await waitFor("both", () => /leader ready/.test(output()) && /child ready/.test(output()));
  await interrupt(createProcesses(), terminal.pid);
  await waitFor("both to hear", () => /leader heard/.test(output()) && /child heard/.test(output()));
});
