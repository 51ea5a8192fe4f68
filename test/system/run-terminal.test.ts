import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { commandLine, runCli, startCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { seeProcess } from "../support/processes.ts";
import { waitFor as until } from "../support/wait.ts";
import { createBench, waitFor } from "./runs.ts";

const ctrlC = "\u0003";
const question = "leave it running? [s/L]";

/** The command line at a terminal of its own (util-linux's script(1)) that can be typed at. */
function atTerminal(words: readonly string[], home: TestHome) {
  const { CI: _ci, ...env } = home.env({ TERM: "xterm" });
  const quoted = [process.execPath, commandLine, ...words].map(
    (word) => `'${word.replaceAll("'", "'\\''")}'`,
  );
  const child = spawn("script", ["-qec", `exec ${quoted.join(" ")}`, "/dev/null"], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  let code: number | null | undefined;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    shown += chunk;
  });
  child.once("close", (ended) => {
    code = ended;
  });
  const describe = () => shown;
  return {
    shown: describe,
    type: (keys: string) => child.stdin.write(keys),
    shows: (text: string) =>
      until(`${JSON.stringify(text)} on the terminal`, () => shown.includes(text), {
        timeoutMs: 30_000,
        describe,
      }),
    ended: async () => {
      await until("the command to end", () => code !== undefined, { describe });
      return code;
    },
  };
}

test("at a terminal the output comes as the command wrote it, colours included, from the beginning", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const script = `test -t 1 && echo isatty; printf '\\033[31mred\\033[0m\\n'; printf 'no line break yet'; ${waitFor("go")}; echo; exit 3`;
  const words = ["run", "build", "--cwd", bench.cwd, "--", ...bench.command(script)];
  const owner = atTerminal(words, home);
  await owner.shows("no line break yet");
  const attached = atTerminal(words, home);
  await attached.shows("no line break yet");
  bench.open("go");
  for (const one of [owner, attached]) {
    assert.equal(await one.ended(), 3, one.shown());
    assert.match(one.shown(), /isatty\r+\n/);
    assert.ok(one.shown().includes("\u001b[31mred\u001b[0m"));
  }
  const replayed = atTerminal(["run", "build", "--once", ...words.slice(2)], home);
  assert.equal(await replayed.ended(), 3);
  assert.ok(replayed.shown().includes("\u001b[31mred\u001b[0m"));
  assert.equal(bench.executions().length, 1);
});

test("Ctrl-C asks the owner; left running, the run goes on and can be attached to", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const words = [
    "run",
    "build",
    "--cwd",
    bench.cwd,
    "--",
    ...bench.command(`echo begun; ${waitFor("go")}; exit 5`),
  ];
  const owner = atTerminal(words, home);
  await owner.shows("begun");
  owner.type(ctrlC);
  await owner.shows(question);
  owner.type("l\r");
  assert.equal(await owner.ended(), 130, owner.shown());
  assert.match(owner.shown(), /it goes on/);
  const passer = atTerminal(words, home);
  await passer.shows("begun");
  passer.type(ctrlC);
  assert.equal(await passer.ended(), 130, passer.shown());
  assert.doesNotMatch(passer.shown(), /\[s\/L\]/, "an attached caller isn't asked");
  const [pid] = bench.executions();
  assert.ok(pid !== undefined && seeProcess(pid));
  const attached = await startCli(words, { home });
  await attached.printed(/begun/);
  bench.open("go");
  assert.equal((await attached.finished()).code, 5);
  assert.equal(bench.executions().length, 1);
});

for (const [name, answer] of [
  ["Enter", "\r"],
  ["Ctrl-C again", ctrlC],
  ["Ctrl-D", "\u0004"],
] as const) {
  test(`${name} at the question leaves the run running`, async (t) => {
    const home = createHome(t);
    const bench = createBench(t);
    const words = ["run", "build", "--cwd", bench.cwd, "--", ...bench.command("echo begun; sleep 600")];
    const owner = atTerminal(words, home);
    await owner.shows("begun");
    owner.type(ctrlC);
    await owner.shows(question);
    owner.type(answer);
    assert.equal(await owner.ended(), 130, owner.shown());
    assert.ok(seeProcess(bench.executions()[0] ?? 0));
    const stopped = await runCli(["run", "build", "--stop", "--cwd", bench.cwd], { home });
    assert.equal(stopped.code, 0, stopped.stderr);
  });
}

test("Ctrl-C and the answer to stop end the run with everything it started", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const words = ["run", "build", "--cwd", bench.cwd, "--", ...bench.command("echo begun; sleep 600")];
  const owner = atTerminal(words, home);
  await owner.shows("begun");
  const attached = await startCli(words, { home });
  await attached.printed(/begun/);
  owner.type(ctrlC);
  await owner.shows(question);
  owner.type("s\r");
  assert.equal(await owner.ended(), 130, owner.shown());
  assert.match(owner.shown(), /The run build was stopped/);
  assert.equal(seeProcess(bench.executions()[0] ?? 0), undefined);
  assert.equal((await attached.finished()).code, 143);
});
