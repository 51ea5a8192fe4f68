import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import packageJson from "../../package.json" with { type: "json" };
import { runProgram, startProgram } from "../support/child.ts";
import { commandLine, runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { assertNoneLeft } from "../support/leaks.ts";

const { version } = packageJson;

interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string };
}

/** Runs it for a person and for a program; both must agree, and neither may leave anything behind. */
async function refused(
  t: TestContext,
  args: string[],
  expected: { code: string; exit: number; says: RegExp },
) {
  const home = createHome(t, { uncompiled: true });
  const [people, programs] = [await runCli(args, { home }), await runCli(["--json", ...args], { home })];
  assert.equal(people.code, expected.exit, people.stderr);
  assert.equal(people.stdout, "");
  assert.match(people.stderr, expected.says);
  assert.match(people.stderr, /^devlatch: .*\n {2}\S.*\n$/, "a line, and its remedy in another");
  assert.equal(programs.code, expected.exit);
  assert.equal(programs.stderr, "");
  const { error } = programs.json as ErrorDocument;
  assert.equal(error.code, expected.code);
  assert.match(error.message, expected.says);
  assert.notEqual(error.remedy, "");
  await assertNoneLeft({ DEVLATCH_HOME: home.directory });
  assert.deepEqual(readdirSync(home.directory), [], "a refused command line must not touch the home");
}

describe("a command line that can't be understood ends with exit code 2 and what to do", () => {
  const cases: [string, string[], RegExp][] = [
    ["an unknown verb", ["strat", "web"], /strat.*start/],
    ["an unknown flag", ["status", "--frob"], /--frob/],
    ["a malformed app", ["start", "My App"], /"My App"/],
    [
      "a port that is no number",
      ["start", "web", "--port", "abc"],
      /--port wants a whole number from 1 to 65535/,
    ],
    ["a port out of range", ["port", "70000"], /port wants a whole number from 1 to 65535/],
    ["a time below zero", ["start", "web", "--timeout", "-3"], /--timeout wants a number greater than 0/],
    ["a limit of nothing", ["logs", "web", "--limit", "0"], /--limit/],
    ["a broken expression", ["logs", "web", "--grep", "("], /--grep isn't a regular expression/],
    ["a policy that doesn't exist", ["start", "web", "--on-conflict", "kill"], /fail, next/],
    ["an unknown action", ["daemon", "destroy"], /start, stop, status/],
    ["a command without --", ["attach", "web", "npm", "run", "dev"], /[Tt]oo many arguments/],
    ["nothing after --", ["detect", "--"], /nothing follows --/i],
  ];
  for (const [what, args, says] of cases) {
    it(what, (t) => refused(t, args, { code: "INVALID_INPUT", exit: 2, says }));
  }

  it("a directory that doesn't exist", (t) =>
    refused(t, ["start", "web", "--cwd", "/no/such/place"], {
      code: "DIRECTORY_MISSING",
      exit: 2,
      says: /\/no\/such\/place doesn't exist/,
    }));

  it("a file where a directory belongs", (t) =>
    refused(t, ["status", "--cwd", commandLine], {
      code: "DIRECTORY_MISSING",
      exit: 2,
      says: /isn't a directory/,
    }));
});

describe("questions that need no daemon start none", () => {
  it("--version and --help answer as text and as one JSON document", async (t) => {
    const home = createHome(t);
    assert.equal((await runCli(["--version"], { home })).stdout, `${version}\n`);
    assert.deepEqual((await runCli(["--version", "--json"], { home })).json, { version });
    const help = await runCli(["start", "--help"], { home });
    assert.equal(help.code, 0);
    assert.match(help.stdout, /--on-conflict <fail\|next>/);
  });

  it("status, daemon status, daemon stop and doctor say that none runs", async (t) => {
    const home = createHome(t);
    const status = await runCli(["status", "--json"], { home });
    assert.deepEqual(status.json, { daemon: null, sessions: [], locks: [], health: null, runs: [] });
    for (const args of [["status"], ["daemon", "status"], ["daemon", "stop"], ["doctor"]]) {
      const result = await runCli(args, { home });
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, /No daemon/);
    }
    await assertNoneLeft({ DEVLATCH_HOME: home.directory });
    assert.equal(existsSync(`${home.directory}/daemon.json`), false);
  });
});

describe("the surroundings", () => {
  it("a runtime that is too old is named, with the one that is needed, and no stack", async () => {
    const pretend = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})';
    const old = (...args: string[]) =>
      runProgram(process.execPath, ["--import", pretend, commandLine, ...args]);
    const people = await old("status");
    assert.equal(people.code, 2);
    assert.match(
      people.stderr,
      /^devlatch: Devlatch needs Node 22\.13 or newer; this is Node 20\.20\.2\.\n {2}\S/,
    );
    const { error } = JSON.parse((await old("status", "--json")).stdout) as ErrorDocument;
    assert.equal(error.code, "RUNTIME_TOO_OLD");
    // As an agent's hook, to end with 2 would keep it from every command.
    assert.deepEqual(await old("guard").then(({ code, stdout, stderr }) => [code, stdout, stderr]), [
      0,
      "",
      "",
    ]);
  });

  it("a reader that goes away before the end is no failure", async (t) => {
    const home = createHome(t);
    const running = await startProgram(process.execPath, [commandLine, "--help"], { env: home.env() });
    running.process.stdout?.destroy();
    const { code, stderr } = await running.finished();
    assert.equal(code, 0);
    assert.equal(stderr, "");
  });

  it("colour only reaches a terminal", async (t) => {
    const home = createHome(t);
    const { stdout } = await runCli(["doctor"], { home });
    assert.equal(stdout.includes("\u001b"), false);
  });
});
