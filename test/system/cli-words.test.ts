import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext, test } from "node:test";
import { widthOf } from "../../daemon/cli/output/width.ts";
import { plainLines } from "../../shared/base/plain-text.ts";
import { runProgram } from "../support/child.ts";
import { commandLine, runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { assertNoneLeft } from "../support/leaks.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { openTerminal } from "../support/terminal.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const colour = /\u001b\[[\d;]*m/;

/** A project whose app `web` serves, and whose app `bad` ends at once. */
async function project(t: TestContext) {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const [port, other] = [await freePort(), await freePort()];
  writeFileSync(join(cwd, "bad.js"), 'console.log("reading"); throw new Error("config is bad");');
  const apps = {
    web: { command: ["node", "server.js"], port },
    bad: { command: ["node", "bad.js"], port: other },
  };
  writeFileSync(join(cwd, "devlatch.json"), JSON.stringify({ apps }));
  return { home, cwd, url: `http://localhost:${port}` };
}

describe("--quiet", () => {
  it("leaves a start nothing but the address, so that a script can use it", async (t) => {
    const { home, cwd, url } = await project(t);
    for (const args of [
      ["start", "web", "-q"],
      ["start", "web", "--quiet"],
      ["-q", "restart", "web", "--yes"],
    ]) {
      const { code, stdout, stderr } = await runCli([...args, "--cwd", cwd], { home });
      assert.deepEqual([code, stdout, stderr], [0, `${url}\n`, ""], args.join(" "));
    }
    const stopped = await runCli(["stop", "web", "-q", "--yes", "--cwd", cwd], { home });
    assert.match(stopped.stdout, /^web stopped in .*\n$/, "what came of it is said");
    assert.equal(stopped.stderr, "");
  });

  it("leaves an error two lines: what happened, and what to do", async (t) => {
    const { home, cwd } = await project(t);
    const { code, stdout, stderr } = await runCli(["start", "bad", "-q", "--cwd", cwd], { home });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^devlatch: .*exited with code 1.*\n {2}\S.*\n$/);
    const several = await runCli(["start", "-q", "--cwd", cwd], { home });
    assert.equal(several.code, 1);
    assert.match(several.stdout, /^http:\/\/localhost:\d+\n$/, "what runs is still told");
    assert.equal(several.stderr.trimEnd().split("\n").length, 2, several.stderr);
    await runCli(["stop", "-q", "--yes", "--cwd", cwd], { home });
  });

  it("shows no spinner on a terminal, but what a question is about", async (t) => {
    const { home, cwd, url } = await project(t);
    assert.equal((await runCli(["start", "web", "--cwd", cwd], { home })).code, 0);
    const command = `cd '${cwd}' && '${process.execPath}' '${commandLine}' -q`;
    const terminal = openTerminal(`${command} start web && ${command} stop web`, { home, owner: t });
    const asked = await terminal.shows("[y/N]");
    assert.match(asked, /also used by/);
    assert.ok(asked.startsWith(`${url}\r\n`), JSON.stringify(asked));
    terminal.type("y\r");
    await terminal.shows("web stopped");
    await terminal.ended();
  });
});

describe("colours", () => {
  /** What a command line writes into pipes, on both. */
  async function written(home: TestHome, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string) {
    const plain = { FORCE_COLOR: undefined, NO_COLOR: undefined, CI: undefined };
    const all = home.env({ ...plain, ...env });
    const { stdout, stderr } = await runProgram(process.execPath, [commandLine, ...args], { env: all, cwd });
    return { stdout, stderr, both: stdout + stderr };
  }

  const verbs = [
    ["status"],
    ["status", "--long"],
    ["start", "bad"],
    ["start", "web", "bad"],
    ["logs", "web", "bad"],
    ["logs", "bad"],
    ["doctor"],
    ["nonsense"],
    ["port", "1"],
  ];

  it("reach no pipe, unless FORCE_COLOR says so; that decides before NO_COLOR", async (t) => {
    const { home, cwd } = await project(t);
    for (const args of verbs) {
      const { both } = await written(home, args, {}, cwd);
      assert.doesNotMatch(both, colour, args.join(" "));
      assert.doesNotMatch(
        (await written(home, args, { FORCE_COLOR: "0" }, cwd)).both,
        colour,
        args.join(" "),
      );
    }
    for (const level of ["1", "2", "3"])
      assert.match((await written(home, ["status"], { FORCE_COLOR: level }, cwd)).stdout, colour, level);
    const both = await written(home, ["logs", "web", "bad"], { FORCE_COLOR: "1", NO_COLOR: "1" }, cwd);
    assert.match(both.stdout, colour);
    assert.equal(both.stderr, "", "and no warning of it");
    assert.match((await written(home, ["start", "bad"], { FORCE_COLOR: "1" }, cwd)).stderr, colour);
    const aside = ["dev", "--", "true"];
    for (const [env, expected] of [
      [{ CI: "1" }, false],
      [{ CI: "1", FORCE_COLOR: "1" }, true],
      [{ CI: "1", FORCE_COLOR: "0" }, false],
    ] as const)
      assert.equal(colour.test((await written(home, aside, env, cwd)).stderr), expected, JSON.stringify(env));
    await runCli(["stop", "--yes", "--cwd", cwd], { home });
  });

  it("reach a terminal, unless NO_COLOR or FORCE_COLOR=0 says no", async (t) => {
    const { home, cwd } = await project(t);
    const program = `cd '${cwd}' && env -u FORCE_COLOR -u NO_COLOR`;
    const shown = async (env: string, words: string) => {
      const line = `${program} ${env} '${process.execPath}' '${commandLine}' ${words}`;
      const terminal = openTerminal(line, { home, owner: t, size: { columns: 80, rows: 40 } });
      await terminal.ended();
      return terminal.shown();
    };
    for (const words of ["start web bad", "start web", "status", "logs web bad", "nonsense"]) {
      assert.match(await shown("TERM=xterm-256color", words), colour, words);
      for (const env of ["NO_COLOR=1", "FORCE_COLOR=0", "TERM=dumb"])
        assert.doesNotMatch(await shown(env, words), colour, `${env} ${words}`);
    }
    await runCli(["stop", "--yes", "--cwd", cwd], { home });
  });
});

test("help is there without a daemon, as pages and for each verb, for people and programs", async (t) => {
  const home = createHome(t);
  const shown = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(args, { home });
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  };
  assert.match(
    await shown("help"),
    /devlatch help agents[\s\S]*devlatch help redis[\s\S]*devlatch help worktrees/,
  );
  assert.match(await shown("help", "redis"), /DEVLATCH_REDIS_URL/);
  assert.equal(await shown("help", "start"), await shown("start", "--help"));
  assert.match(await shown("start", "--help"), /\nExamples:\n {2}devlatch start /);
  const { help } = await runJson<{ readonly help: string }>(["help", "agents"], { home });
  assert.equal(`${help}\n`, await shown("help", "agents"));
  const unknown = await runCli(["help", "nonsense"], { home });
  assert.equal(unknown.code, 2);
  assert.match(
    unknown.stderr,
    /^devlatch: There is no page and no verb "nonsense"\.\n {2}Pages: agents, redis/,
  );
  await assertNoneLeft({ DEVLATCH_HOME: home.directory });
});

test("a table is as wide as the terminal at most, also with what is twice as wide as it is long", async (t) => {
  const home = createHome(t);
  const cwd = join(await prepareProject("plain", t), "漢字 🚀");
  mkdirSync(cwd);
  const command = ["node", "server.js", "漢字🚀".repeat(12)];
  writeFileSync(
    join(cwd, "devlatch.json"),
    JSON.stringify({ apps: { web: { command, port: await freePort() } } }),
  );
  assert.equal((await runCli(["daemon", "start"], { home })).code, 0);
  const line = `cd '${cwd}' && '${process.execPath}' '${commandLine}' status`;
  const terminal = openTerminal(line, { home, owner: t, size: { columns: 70, rows: 40 } });
  await terminal.ended();
  const lines = plainLines(terminal.shown()).split("\n");
  const [heads = "", row = ""] = lines.slice(lines.findIndex((one) => one.startsWith("APP")));
  assert.match(row, /^web {2}node server\.js .*… {2}.*….*漢字 🚀$/);
  for (const one of [heads, row]) assert.ok(widthOf(one) <= 70, `${widthOf(one)}: ${one}`);
  const before = (text: string, end: number) => widthOf(text.slice(0, end));
  const directory = row.lastIndexOf("  ") + 2;
  assert.equal(before(row, directory), before(heads, heads.indexOf("DIRECTORY")), "in its column");
  const piped = await runCli(["status", "--cwd", cwd], { home });
  assert.ok(piped.stdout.includes("漢字🚀".repeat(12)), piped.stdout);
});
