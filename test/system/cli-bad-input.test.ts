import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type CliResult, runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { assertNoneLeft } from "../support/leaks.ts";
import { freePort, isPortFree, occupyPort } from "../support/ports.ts";

interface ErrorShape {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A directory with these files, gone after the test. */
function project(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-bad-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

function errorOf(result: CliResult): ErrorShape {
  const { error } = result.json as { error: ErrorShape };
  assert.notEqual(error.remedy, "", `${error.code} has no remedy`);
  return error;
}

/** Nothing but the daemon may live on after a command that failed. */
async function assertOnlyDaemon(home: TestHome): Promise<void> {
  const daemon = home.daemonPid();
  const except = daemon === undefined ? [] : [daemon];
  await assertNoneLeft({ DEVLATCH_HOME: home.directory }, { graceMs: 30_000, except });
}

describe("a project that can't be started", () => {
  it("an unknown app: exit 2, and how to make it known", async (t) => {
    const home = createHome(t);
    const cwd = project(t, { "package.json": '{"name":"x","scripts":{"dev":"vite"}}' });
    const result = await runCli(["start", "shop", "--cwd", cwd, "--json"], { home });
    assert.equal(result.code, 2);
    assert.equal(errorOf(result).code, "UNKNOWN_APP");
    assert.match(errorOf(result).message, /"?shop"?/);
    assert.match(errorOf(result).remedy, /devlatch\.json/);
    await assertOnlyDaemon(home);
  });

  it("a malformed devlatch.json: exit 2, with file, line and column", async (t) => {
    const home = createHome(t);
    const cwd = project(t, { "devlatch.json": '{\n  "apps": {\n    "web": { "command" "x" }\n  }\n}\n' });
    const result = await runCli(["start", "web", "--cwd", cwd], { home });
    assert.equal(result.code, 2);
    assert.match(result.stderr, /devlatch\.json/);
    assert.match(result.stderr, /(line 3.*column \d+|:3:\d+)/);
    const described = await runCli(["doctor", "--cwd", cwd], { home });
    assert.equal(described.code, 1);
    assert.match(described.stdout, /✗.*devlatch\.json/);
    await assertOnlyDaemon(home);
  });

  it("a setting that doesn't exist: exit 2, and where it is", async (t) => {
    const home = createHome(t);
    const cwd = project(t, { "devlatch.json": '{\n  "apps": { "web": { "comand": "x" } }\n}\n' });
    const result = await runCli(["start", "web", "--cwd", cwd, "--json"], { home });
    assert.equal(result.code, 2);
    assert.equal(errorOf(result).code, "CONFIG_INVALID");
    assert.match(errorOf(result).message, /comand/);
  });

  it("a directory in devlatch.json that doesn't exist: exit 2", async (t) => {
    const home = createHome(t);
    const cwd = project(t, { "devlatch.json": '{"apps":{"web":{"command":"node x.js","cwd":"gone"}}}' });
    const result = await runCli(["start", "web", "--cwd", cwd, "--json"], { home });
    assert.equal(result.code, 2);
    assert.equal(errorOf(result).code, "DIRECTORY_MISSING");
    assert.match(errorOf(result).message, /gone/);
  });
});

it("each error is a line, its remedy another, and facts stand apart", async (t) => {
  const home = createHome(t);
  const named = { "package.json": '{"name":"x","scripts":{"dev":"vite"}}' };
  const cases: readonly [string[], Readonly<Record<string, string>>][] = [
    [["start", "shop"], named],
    [["start", "web", "node", "server.js"], named],
    [["start", "shop", "store", "vite"], named],
    [["start", "web"], { "devlatch.json": '{\n  "apps": {\n    "web": { "command" "x" }\n  }\n}\n' }],
    [["start"], { "package.json": '{\n "name" "x"\n}' }],
    [["start", "web"], { "package.json": '{"name":"x","scripts":{"dev":"docker compose up"}}' }],
    [["logs", "web"], named],
    [["sandbox", "claim"], {}],
    [["start", "web", "--", "no-such-program-here"], {}],
    [["start", "web", "--", process.execPath, "-e", "throw new Error('one\\ntwo')"], {}],
  ];
  for (const [args, files] of cases) {
    const { code, stderr } = await runCli(
      [args[0] ?? "", "--cwd", project(t, files), "-q", ...args.slice(1)],
      { home },
    );
    assert.notEqual(code, 0, args.join(" "));
    assert.match(stderr, /^devlatch: .*\n {2}\S.*\n$/, args.join(" "));
    const whole = await runCli([args[0] ?? "", "--cwd", project(t, files), ...args.slice(1)], { home });
    const from = whole.stderr.slice(whole.stderr.indexOf("devlatch: "));
    assert.match(from, /^devlatch: .*\n {2}\S.*\n(?:$|\n {2}\S)/, args.join(" "));
  }
  await assertOnlyDaemon(home);
});

describe("a command that doesn't become a server", () => {
  it("that doesn't exist: exit 1, and which", async (t) => {
    const home = createHome(t);
    const args = ["start", "web", "--cwd", project(t), "--json", "--", "no-such-program-here", "dev"];
    const result = await runCli(args, { home });
    assert.equal(result.code, 1);
    assert.equal(errorOf(result).code, "COMMAND_NOT_FOUND");
    assert.match(errorOf(result).message, /no-such-program-here/);
    await assertOnlyDaemon(home);
  });

  it("that exits at once: exit 1, with its code and last lines, for people and programs", async (t) => {
    const home = createHome(t);
    const cwd = project(t, {
      "fail.js": 'console.log("reading"); console.error("config is bad"); process.exit(7);',
    });
    const command = ["--", process.execPath, "fail.js"];
    const programs = await runCli(["start", "web", "--cwd", cwd, "--json", ...command], { home });
    assert.equal(programs.code, 1);
    const error = errorOf(programs);
    assert.equal(error.code, "EXITED_EARLY");
    assert.deepEqual(error.data?.["exit"], { code: 7, signal: null });
    assert.deepEqual(error.data?.["logTail"], ["reading", "config is bad"]);
    const people = await runCli(["start", "web", "--cwd", cwd, ...command], { home });
    assert.equal(people.code, 1);
    assert.match(people.stderr, /exited with code 7/);
    assert.match(people.stderr, /Last output:\n {4}reading\n {4}config is bad/);
    await assertOnlyDaemon(home);
  });

  it("that never listens: exit 5 after the time given; it goes on starting, and a stop ends it", async (t) => {
    const home = createHome(t);
    const cwd = project(t, { "idle.js": 'console.log("thinking"); setInterval(() => {}, 1000);' });
    const args = [
      "start",
      "web",
      "--cwd",
      cwd,
      "--json",
      "--timeout",
      "3",
      "--",
      process.execPath,
      "idle.js",
    ];
    const result = await runCli(args, { home });
    assert.equal(result.code, 5);
    assert.equal(errorOf(result).code, "DEADLINE");
    assert.ok(result.elapsedMs > 2_900 && result.elapsedMs < 60_000, `${result.elapsedMs} ms`);
    assert.match(errorOf(result).message, /It goes on starting/);
    const stopped = await runCli(["stop", "web", "--yes", "--cwd", cwd], { home });
    assert.equal(stopped.code, 0, stopped.stderr);
    await assertOnlyDaemon(home);
  });
});

describe("a port that a stranger holds", () => {
  it("start fails with exit 3 and says who it is, and the stranger lives on", async (t) => {
    const home = createHome(t);
    const cwd = project(t, { "package.json": '{"scripts":{"dev":"node server.js"}}', "server.js": "" });
    const { port, release } = await occupyPort();
    t.after(release);
    const args = ["start", "web", "--cwd", cwd, "--port", `${port}`];
    const people = await runCli(args, { home });
    assert.equal(people.code, 3);
    assert.match(people.stderr, new RegExp(`${process.pid}`));
    assert.match(people.stderr, /PID +COMMAND +DIRECTORY +USER/);
    const programs = await runCli([...args, "--json"], { home });
    assert.equal(programs.code, 3);
    const error = errorOf(programs);
    assert.equal(error.code, "PORT_CONFLICT");
    const holder = (error.data?.["listeners"] as { pid: number }[] | undefined)?.[0];
    assert.equal(holder?.pid, process.pid);
    assert.equal(await isPortFree(port), false);
    await assertOnlyDaemon(home);
  });

  it("is only freed with consent: without a terminal, --free alone is exit 3", async (t) => {
    const home = createHome(t);
    const { port, release } = await occupyPort();
    t.after(release);
    const seen = await runCli(["port", `${port}`, "--json"], { home });
    const { listeners } = seen.json as { listeners: { pid: number; startTime: string; user: string }[] };
    assert.equal(listeners[0]?.pid, process.pid);
    const refused = await runCli(["port", `${port}`, "--free", "--json"], { home });
    assert.equal(refused.code, 3);
    assert.equal(errorOf(refused).code, "CONSENT_REQUIRED");
    assert.match(errorOf(refused).remedy, /--yes/);
    assert.equal(await isPortFree(port), false);
  });
});

describe("a store that can't be had", () => {
  it("a dead Redis: exit 4 in bounded time, the address named without its password", async (t) => {
    const home = createHome(t);
    const url = `redis://user:s3cret@127.0.0.1:${await freePort()}`;
    const cwd = project(t, { "package.json": '{"scripts":{"dev":"node server.js"}}', "server.js": "" });
    const result = await runCli(["start", "web", "--cwd", cwd, "--json"], {
      home,
      env: { DEVLATCH_REDIS_URL: url },
    });
    assert.equal(result.code, 4, result.stdout);
    assert.equal(errorOf(result).code, "STORE_UNAVAILABLE");
    assert.ok(result.elapsedMs < 60_000, `${result.elapsedMs} ms`);
    assert.doesNotMatch(result.stdout + result.stderr, /s3cret/);
    await assertOnlyDaemon(home);
  });

  it("a Redis URL that is none: a clear error, not a stack", async (t) => {
    const home = createHome(t);
    const result = await runCli(["daemon", "start"], { home, env: { DEVLATCH_REDIS_URL: "nonsense" } });
    assert.notEqual(result.code, 0);
    assert.match(result.stderr, /DEVLATCH_REDIS_URL|Redis/);
    assert.doesNotMatch(result.stderr, /\n {4}at /);
    await assertOnlyDaemon(home);
  });
});
