import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLine, startCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { openTerminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait.ts";
import { assertLeft, ctrlC, Desk } from "./desk.ts";

/** `status --watch` between two looks at the terminal's settings, then its exit code. */
function watching(cwd: string): string {
  const command = `NO_COLOR=1 '${process.execPath}' '${commandLine}' status --watch --cwd '${cwd}'`;
  return `echo "before $(stty -g)"; ${command}; echo "code $?"; echo "after $(stty -g)"`;
}

test("one screen shows the server, its output, what keys do to it, and outlives the daemon", async (t) => {
  const desk = await Desk.open(t);
  const { home, cwd } = desk;
  const size = { columns: 120, rows: 30 };
  const terminal = openTerminal(watching(cwd), { home, owner: t, size });
  await terminal.shows(/› web +ready +http:\/\/localhost:\d+/);
  terminal.type("l");
  await terminal.shows("Listening at");
  terminal.resize({ columns: 70, rows: 14 });
  await terminal.shows(/Output of web[^›]*q quit/);
  terminal.type("l");

  const lines = await startCli(["status", "--watch", "--json", "--cwd", cwd], { home });
  t.after(() => void lines.process.kill("SIGKILL"));
  const told = (word: string) =>
    waitFor(`${word} in a line`, () => lines.stdout().includes(`"kind":"${word}"`));
  await told("ready");

  const before = home.daemonPid();
  await desk.killDaemon();
  await waitFor("the next daemon", () => ![before, undefined].includes(home.daemonPid()));
  terminal.type("x");
  await terminal.shows("Do it all the same?");
  terminal.type("y");
  await terminal.shows("web stopped in");
  await told("stopped");
  lines.process.kill("SIGINT");
  assert.equal((await lines.finished()).code, 0);
  for (const line of lines.stdout().trim().split("\n")) JSON.parse(line);

  terminal.type("s");
  await terminal.shows(/› web +ready/);
  terminal.type("q");
  await assertLeft(terminal);
  // xterm: the other screen and the cursor come back (DECTCEM).
  const [, given = ""] = terminal.shown().split("\u001b[?1049h");
  for (const back of ["\u001b[?25h", "\u001b[?1049l"]) assert.ok(given.includes(back), JSON.stringify(back));
});

test("where no daemon runs it says so and starts none; Ctrl-C ends it well", async (t) => {
  const home = createHome(t);
  const terminal = openTerminal(watching(home.directory), { home, owner: t });
  await terminal.shows("no daemon runs");
  assert.equal(home.daemonPid(), undefined);
  terminal.type(ctrlC);
  await assertLeft(terminal);
});
