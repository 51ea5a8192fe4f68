import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCli } from "../../support/cli.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { allProcesses } from "../../support/processes.ts";
import { prepareProject } from "../../support/projects.ts";
import { startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";

/** Each is planted somewhere, and must be nowhere in the bundle. */
const planted = {
  redis: "R3dis-passw0rd",
  configured: "configured-value-of-env",
  inherited: "inherited-value-of-env",
  flag: "abc-flag-s3cret",
  log: "logged-s3cret",
  hostLog: "hostlogged-s3cret",
  output: "printed-s3cret",
  sandbox: "5a".repeat(16),
};

const server = `
import { createServer } from "node:http";
import { spawn } from "node:child_process";
console.log("password=${planted.output}");
// A child with a secret in its command line, and deaf, also to the end of its terminal: its end goes into the journal.
spawn("sh", ["-c", "trap '' TERM HUP; while :; do sleep 0.1; done", "--token=${planted.flag}"], { stdio: "ignore" });
createServer((_, response) => response.end("ours")).listen(Number(process.env.PORT), "127.0.0.1");
`;

interface Bundle {
  readonly about: object;
  readonly status?: { readonly sessions: readonly { readonly session: string; readonly root: string }[] };
  readonly journal?: readonly object[];
  readonly configuration: Readonly<Record<string, { readonly apps?: object }>>;
  readonly problems: readonly { readonly part: string }[];
  readonly findings: readonly { readonly check: string }[];
  readonly files: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, readonly string[]>>;
}

async function infested(t: TestContext) {
  const redis = await startRedis({ password: planted.redis });
  t.after(() => redis.stop());
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const web = { command: ["node", "server.js"], port: await freePort(), stopTimeoutMs: 300 };
  await writeFile(join(cwd, "server.js"), server);
  const apps = { web: { ...web, env: { API_URL: planted.configured } } };
  await writeFile(join(cwd, "devlatch.json"), `// Ours\n${JSON.stringify({ apps })}`);
  const env = { DEVLATCH_REDIS_URL: redis.url, MY_SETTING: planted.inherited };
  const cli = (...args: string[]) => runCli([...args, "--cwd", cwd, "--json"], { home, env });
  const ok = async (...args: string[]) => {
    const result = await cli(...args);
    assert.equal(result.code, 0, result.stdout);
  };
  await ok("start", "web");
  const deaf = ({ command }: { command: string }) =>
    command.includes(`--token=${planted.flag}`) && command.startsWith("sh");
  await waitFor("the child with a secret in its command line", () => allProcesses().some(deaf));
  await ok("stop", "web");
  await ok("start", "web");
  mkdirSync(join(home.directory, "sandboxes"), { recursive: true });
  writeFileSync(join(home.directory, "sandboxes", "sb_x.token"), `${planted.sandbox}\n`);
  const line = JSON.stringify({
    msg: "x",
    err: { cause: `redis://:${planted.log}@h failed`, apiKey: planted.log },
  });
  appendFileSync(
    join(home.directory, "daemon.log"),
    `${line}\nnot json --password ${planted.log} ${planted.sandbox}\n`,
  );
  const host = await waitFor("the session's directory", async () => {
    const { json } = await cli("status");
    const [session] = (json as { sessions: { sandboxId: string; session: string }[] }).sessions;
    return session && join(home.directory, "sessions", session.sandboxId, session.session, "host.log");
  });
  appendFileSync(host, `problem in ${cwd}/server.js: Authorization: Bearer ${planted.hostLog}\n`);
  return { home, cwd, cli };
}

function read(file: string): { text: string; bundle: Bundle } {
  const text = readFileSync(file, "utf8");
  return { text, bundle: JSON.parse(text) as Bundle };
}

/** What must be nowhere, whatever is asked for. */
function assertClean(text: string, home: string, cwd: string, except: readonly string[] = []): void {
  const token = readFileSync(join(home, "token"), "utf8").trim();
  const names = [userInfo().username, hostname()].filter((name) => name.length > 2);
  for (const value of [...Object.values(planted), token, home, cwd]) {
    if (except.includes(value)) continue;
    const at = text.indexOf(value);
    assert.equal(at, -1, `${value} in …${text.slice(Math.max(0, at - 200), at + 100)}…`);
  }
  for (const name of [...names, homedir()]) {
    const found = new RegExp(`(?<![\\w-])${name.replace(/[.\\/]/g, "\\$&")}(?![\\w-])`).exec(text);
    // Keys of the bundle itself aren't names: "root" is one.
    if (found && !/^"\s*:/.test(text.slice(found.index + name.length)))
      assert.fail(`${name} in …${text.slice(Math.max(0, found.index - 200), found.index + 100)}…`);
  }
}

test("everything planted is taken out, what helps is there, and the file is private", async (t) => {
  const { home, cwd, cli } = await infested(t);
  const { json, code } = await cli("diagnostics");
  assert.equal(code, 0);
  const { file } = json as { file: string };
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const { text, bundle } = read(file);
  assertClean(text, home.directory, cwd);
  assert.ok(Buffer.byteLength(text) < 2 * 1024 * 1024);
  assert.deepEqual(bundle.problems, []);
  assert.equal(bundle.status?.sessions[0]?.root, "<workspace-1>");
  assert.match(JSON.stringify(bundle.journal), /SIGTERM.*--token=<secret>/);
  const config = JSON.stringify(bundle.configuration["<workspace-1>/devlatch.json"]);
  assert.match(config, /"env":\{"API_URL":"<value>"\}/);
  assert.match(JSON.stringify(bundle.files["daemon.log"]), /listening.*redis:\/\/<secret>@h failed/);
  assert.match(
    JSON.stringify(bundle.files["host.log"]),
    /problem in <workspace-1>\/server\.js: Authorization: <secret>/,
  );
  assert.ok(bundle.findings.some(({ check }) => check === "home"));
  assert.ok(!JSON.stringify(bundle.journal).includes("<secret>/"), "directories are no secrets");
  assert.match(text, /"MY_SETTING": ?"<value>"/);
  assert.equal(bundle.output, undefined, "output is left out unless asked for");
});

test("output goes in only when asked for, and is redacted as far as secrets can be told apart", async (t) => {
  const { home, cwd, cli } = await infested(t);
  const file = join(cwd, "bundle.json");
  writeFileSync(file, "old", { mode: 0o644 });
  assert.equal((await cli("diagnostics", "--with-output", "--output", "bundle.json")).code, 0);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const { text, bundle } = read(file);
  assertClean(text, home.directory, cwd);
  const [lines] = Object.values(bundle.output ?? {});
  assert.ok(lines?.includes("password=<secret>"), JSON.stringify(lines));
});

test("without a daemon the files say what they can, and none is started", async (t) => {
  const { home, cwd, cli } = await infested(t);
  await cli("stop", "web");
  await cli("daemon", "stop");
  await waitFor("the daemon to be gone", () => home.daemonPid() === undefined);
  const { json, code } = await cli("diagnostics");
  assert.equal(code, 0);
  const { text, bundle } = read((json as { file: string }).file);
  assertClean(text, home.directory, cwd);
  assert.deepEqual(
    bundle.problems.map(({ part }) => part),
    ["daemon"],
  );
  assert.match(JSON.stringify(bundle.files["daemon.log"]), /ending; servers run on/);
  // Read from the file, and redacted like everything else.
  assert.match(JSON.stringify(bundle.journal), /SIGTERM.*--token=<secret>.*"kind":"stopped"/);
  assert.equal(home.daemonPid(), undefined);
});

test("without a daemon a journal that is damaged, or was never begun, is told and costs nothing else", async (t) => {
  const home = createHome(t);
  const bundleOf = async () => {
    const { json, code } = await runCli(["diagnostics", "--json"], { home });
    assert.equal(code, 0);
    return read((json as { file: string }).file).bundle;
  };
  const none = await bundleOf();
  assert.deepEqual([none.journal, none.problems.map(({ part }) => part)], [[], ["daemon"]]);
  const file = join(home.directory, "journal.db");
  assert.equal(existsSync(file), false, "looking makes no journal");
  writeFileSync(file, "no database at all, but longer than a header of one".repeat(10));
  const damaged = await bundleOf();
  assert.deepEqual(damaged.problems[1], {
    part: "journal",
    problem: "The journal can't be read: file is not a database",
  });
  assert.equal(damaged.journal, undefined);
  assert.match(readFileSync(file, "utf8"), /^no database/, "nothing is set aside");
});

test("people are told where it is, what is in it, and that it was sent nowhere", async (t) => {
  const home = createHome(t);
  const { stdout, code } = await runCli(["diagnostics"], { home });
  assert.equal(code, 0);
  assert.match(stdout, /^Diagnostics were written to .*devlatch-diagnostics-.*\.json$/m);
  assert.match(stdout, /It holds versions, .*\n.*no output.*\n.*sent nowhere\.$/m);
});
