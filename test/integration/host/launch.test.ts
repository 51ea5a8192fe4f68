import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readDescription } from "../../../daemon/host/description-file.ts";
import { connectHost } from "../../../daemon/hosts/client.ts";
import { hostProgram } from "../../support/paths.ts";
import { eventually, HostBench, processes } from "./hosts.ts";

test("a host reports itself and its leader once its socket answers", async (t) => {
  const bench = new HostBench(t);
  const report = await bench.start(bench.spec(["cat"]));
  assert.equal(report.kind, "running");
  if (report.kind !== "running") return;
  const description = await (await bench.connect()).request("describe", {});
  assert.deepEqual(description.host, report.host);
  assert.deepEqual(description.leader, report.leader);
  assert.deepEqual(readDescription(bench.directory), description);
  assert.ok(await processes.isAlive(report.leader));
  assert.equal(statSync(bench.directory).mode & 0o777, 0o700);
  for (const file of bench.files().filter((name) => name !== "host.sock")) {
    assert.equal(statSync(join(bench.directory, file)).mode & 0o777, 0o600, file);
  }
});

test("the child sees the launch's cookie, the terminal's type and only the given environment", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["/usr/bin/env"]));
  await bench.exit();
  const names = (await bench.messages()).map((line) => line.split("=")[0] ?? "");
  assert.ok((await bench.messages()).includes(`DEVLATCH_LAUNCH=${bench.launchId}`));
  assert.ok((await bench.messages()).includes("TERM=xterm-256color"));
  assert.ok(!names.includes("HOME"), "nothing of the host's own environment leaks in");
});

test("output is complete after the process that spawned the host was killed", async (t) => {
  const bench = new HostBench(t);
  const script = "for i in $(seq 1 300); do echo line $i; sleep 0.003; done";
  const spec = JSON.stringify(bench.spec(["sh", "-c", script]));
  const launcher = `
    const { spawn } = await import("node:child_process");
    const host = spawn(process.execPath, [${JSON.stringify(hostProgram)}], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    host.stdin.end(${JSON.stringify(spec)});
    host.stdout.once("data", () => process.stdout.write("ready"));
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", launcher]);
  await new Promise((resolve) => parent.stdout.once("data", resolve));
  parent.kill("SIGKILL");
  await bench.exit();
  const expected = Array.from({ length: 300 }, (_, index) => `line ${index + 1}`);
  assert.deepEqual(await bench.messages(), [...expected, "exited with code 0"]);
});

test("of twenty hosts at once on one directory one spawns and nineteen are told it is occupied", async (t) => {
  const bench = new HostBench(t);
  const spec = bench.spec(["sh", "-c", "echo $$ >> pids; exec cat"]);
  const reports = await Promise.all(Array.from({ length: 20 }, () => bench.start(spec)));
  const kinds = reports.map(({ kind }) => kind).sort();
  assert.deepEqual(kinds, [...Array(19).fill("occupied"), "running"]);
  const names = (await bench.members()).map(({ name }) => name);
  assert.deepEqual(names.sort(), ["cat", "sh"], "one command below its leader");
});

test("the next host is not kept out by what a killed one left behind", async (t) => {
  const bench = new HostBench(t);
  const first = await bench.start(bench.spec(["cat"]));
  assert.ok(first.kind === "running");
  await processes.signal(first.host, "SIGKILL");
  await eventually(async () => ((await processes.isAlive(first.host)) ? undefined : true));
  const second = await bench.start(bench.spec(["cat"], { launchId: "second" }));
  assert.equal(second.kind, "running");
  const connection = await bench.connect();
  assert.equal((await connection.request("describe", {})).launchId, "second");
  await connection.request("stop", { signal: "SIGTERM", timeoutMs: 1000 });
});

for (const [what, command, more, code] of [
  ["a command that doesn't exist", ["no-such-command"], {}, "COMMAND_NOT_FOUND"],
  ["a path that doesn't exist", ["./missing"], {}, "COMMAND_NOT_FOUND"],
  ["an empty PATH", ["ls"], { env: {} }, "COMMAND_NOT_FOUND"],
  ["a missing directory", ["ls"], { cwd: "/no/such/directory" }, "DIRECTORY_MISSING"],
  ["a file as directory", ["ls"], { cwd: hostProgram }, "DIRECTORY_MISSING"],
] as const) {
  test(`${what} is reported with a remedy and leaves nothing`, async (t) => {
    const bench = new HostBench(t);
    const report = await bench.start(bench.spec(command, more));
    assert.ok(report.kind === "failed");
    assert.equal(report.code, code);
    assert.notEqual(report.remedy, "");
    assert.deepEqual(bench.files(), []);
  });
}

test("a file without the right to execute and a script without interpreter are told apart", async (t) => {
  const bench = new HostBench(t);
  const directory = mkdtempSync(join(tmpdir(), "devlatch-program-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const script = join(directory, "script");
  writeFileSync(script, "#!/no/such/interpreter\n", { mode: 0o600 });
  const plain = await bench.start(bench.spec([script]));
  assert.ok(plain.kind === "failed");
  assert.match(plain.message, /not executable/);
  chmodSync(script, 0o700);
  const orphan = await bench.start(bench.spec([script]));
  assert.ok(orphan.kind === "failed");
  assert.match(orphan.message, /interpreter \/no\/such\/interpreter/);
  assert.deepEqual(bench.files(), []);
});

test("a specification that is cut off or doesn't fit spawns nothing", async (t) => {
  const bench = new HostBench(t);
  const whole = JSON.stringify(bench.spec(["sh", "-c", "echo spawned > proof"]));
  const quiet = ["/bin/sh", "-c", 'exec "$0" "$1" 2>/dev/null', process.execPath, hostProgram] as const;
  for (const text of ["", whole.slice(0, -20), "[]", JSON.stringify({ ...JSON.parse(whole), command: [] })]) {
    assert.equal(await bench.startWith(text, quiet), "");
  }
  assert.deepEqual(bench.files(), []);
});

test("a host without free descriptors fails clearly and leaves no process", async (t) => {
  const bench = new HostBench(t);
  const limits = Array.from({ length: 12 }, (_, index) => 18 + index);
  let failures = 0;
  for (const limit of limits) {
    const argv = [
      "/bin/sh",
      "-c",
      `ulimit -n ${limit}; exec "$0" "$1" 2>/dev/null`,
      process.execPath,
      hostProgram,
    ];
    const said = await bench.startWith(JSON.stringify(bench.spec(["sh", "-c", "exit 0"])), argv);
    if (said.includes('"failed"')) {
      failures++;
      assert.match(said, /HOST_FAILED|STORE_UNAVAILABLE/);
    }
    assert.deepEqual(await bench.members(), []);
  }
  t.diagnostic(`${failures} of ${limits.length} limits made the launch fail after Node was up`);
  assert.ok(failures > 0);
});

test("a host writes nothing outside its session's directory", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["true"]));
  // Written last.
  await eventually(() => readDescription(bench.directory)?.exit);
  const allowed = new Set([
    "ledger.json",
    "host.json",
    "host.key",
    "host.lock",
    "host.log",
    "host.sock",
    "thread.db",
    "thread.db-shm",
    "thread.db-wal",
  ]);
  for (const file of readdirSync(bench.directory)) assert.ok(allowed.has(file), file);
});

test("a launch that can't be recorded ends what it spawned and fails clearly", async (t) => {
  const bench = new HostBench(t);
  // A directory where the temporary file of host.json should be: the write after the spawn fails.
  mkdirSync(join(bench.directory, "host.json.new"));
  const report = await bench.start(bench.spec(["cat"]));
  assert.ok(report.kind === "failed");
  assert.equal(report.code, "HOST_FAILED");
  assert.deepEqual(await bench.members(), []);
  assert.ok(!bench.files().includes("host.sock"));
  assert.ok(bench.reader.launch(bench.launchId)?.end, "the thread says that the launch is over");
});

test("a damaged thread and a stale socket file keep no server from starting", async (t) => {
  const bench = new HostBench(t);
  writeFileSync(join(bench.directory, "thread.db"), "garbage ".repeat(2000));
  writeFileSync(join(bench.directory, "host.json"), "{ broken");
  writeFileSync(join(bench.directory, "host.sock"), "");
  const quiet = ["/bin/sh", "-c", 'exec "$0" "$1" 2>/dev/null', process.execPath, hostProgram];
  const report = await bench.start(bench.spec(["sh", "-c", "echo up; read end"]), quiet);
  assert.equal(report.kind, "running");
  assert.equal((await (await bench.connect()).request("describe", {})).launchId, bench.launchId);
  await eventually(async () => ((await bench.messages()).includes("up") ? true : undefined));
  assert.match((await bench.messages())[0] ?? "", /damaged/);
});

test("a session whose directory is too deep for a socket is reached all the same", async (t) => {
  const bench = new HostBench(t);
  const directory = join(bench.directory, "a-rather-long-name-of-a-directory".repeat(4));
  const report = await bench.start(bench.spec(["cat"], { directory }));
  assert.equal(report.kind, "running");
  const connection = await connectHost(directory);
  assert.equal((await connection.request("describe", {})).launchId, bench.launchId);
  await connection.request("stop", { signal: "SIGTERM", timeoutMs: 1000 });
  connection.dispose();
});
