import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { readDescription } from "../../../daemon/host/description-file.ts";
import { connectHost } from "../../../daemon/hosts/client.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { eventually, HostBench, processes } from "./hosts.ts";

const text = (base64: string) => Buffer.from(base64, "base64").toString();

test("a command that exits at once is recorded with its code and last lines", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["sh", "-c", "echo one; printf last; exit 7"]));
  assert.deepEqual(await bench.exit(), { code: 7, signal: null });
  assert.deepEqual(await bench.messages(), ["one", "last", "exited with code 7"]);
  // Written after the thread.
  const described = await eventually(() => readDescription(bench.directory)?.exit);
  assert.deepEqual(described, { code: 7, signal: null });
});

test("a command ended by a signal is recorded with the signal", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["sh", "-c", "kill -KILL $$"]));
  assert.deepEqual(await bench.exit(), { code: null, signal: "SIGKILL" });
});

test("input reaches the command and its echo comes back", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["cat"]));
  const connection = await bench.connect();
  const { scrollback } = await connection.request("attach", {});
  let seen = text(scrollback);
  connection.onNotification("output", ({ data }) => {
    seen += text(data);
  });
  await connection.request("input", { data: "grüße\r" });
  await eventually(() => (seen === "grüße\r\ngrüße\r\n" ? true : undefined));
});

test("a command sees its terminal's size and every change of it", async (t) => {
  const bench = new HostBench(t);
  const script = "trap 'stty size' WINCH; stty size; while :; do sleep 0.02; done";
  await bench.start(bench.spec(["sh", "-c", script], { columns: 100, rows: 30 }));
  await eventually(async () => ((await bench.messages()).includes("30 100") ? true : undefined));
  await (await bench.connect()).request("resize", { columns: 132, rows: 43 });
  await eventually(async () => ((await bench.messages()).includes("43 132") ? true : undefined));
});

test("the terminal has the size of the viewer active last, and that of the one before when it leaves", async (t) => {
  const bench = new HostBench(t);
  const script = "trap 'stty size' WINCH; echo up; while :; do sleep 0.02; done";
  await bench.start(bench.spec(["sh", "-c", script]));
  const sizes = async () => (await bench.messages()).filter((text) => /^\d+ \d+$/.test(text));
  const shows = (...expected: string[]) =>
    eventually(async () => ((await sizes()).join() === expected.join() ? true : undefined));
  await eventually(async () => ((await bench.messages()).includes("up") ? true : undefined));
  const [window, laptop] = [await bench.connect(), await bench.connect()];
  await window.request("resize", { columns: 200, rows: 50 });
  await shows("50 200");
  await laptop.request("resize", { columns: 90, rows: 20 });
  await shows("50 200", "20 90");
  await window.request("input", { data: "\r" });
  await shows("50 200", "20 90", "50 200");
  window.dispose();
  await shows("50 200", "20 90", "50 200", "20 90");
  laptop.dispose();
  await (await bench.connect()).request("describe", {});
  assert.equal((await sizes()).length, 4, "the last one to leave leaves its size behind");
});

test("of two terminals that answer one question the active one is heard, and neither takes the other's size", async (t) => {
  const bench = new HostBench(t);
  const program = `
    process.stdin.setRawMode(true).on("data", (text) => console.log("got", JSON.stringify(String(text))));
    process.stdout.on("resize", () => console.log("size", process.stdout.columns));
    console.log("up");`;
  await bench.start(bench.spec([process.execPath, "-e", program]));
  const expected = ["up"];
  const tells = async (...texts: string[]) => {
    expected.push(...texts);
    await eventually(async () => ((await bench.messages()).length >= expected.length ? true : undefined));
    assert.deepEqual(await bench.messages(), expected);
  };
  await tells();
  const [passive, active] = [await bench.connect(), await bench.connect()];
  await passive.request("resize", { columns: 200, rows: 50 });
  await tells("size 200");
  await active.request("resize", { columns: 90, rows: 20 });
  await tells("size 90");
  await passive.request("input", { data: "\u001b[7;7R" });
  await active.request("input", { data: "\u001b[9;9R" });
  await tells('got "\\u001b[9;9R"');
  await active.request("input", { data: "typed" });
  await tells('got "typed"');
});

test("a size or a signal that makes no sense is refused, and the session goes on", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["cat"]));
  const connection = await bench.connect();
  await assert.rejects(connection.request("resize", { columns: 0, rows: 24 }), (error) =>
    hasCode(error, "INVALID_INPUT"),
  );
  await assert.rejects(connection.request("stop", { signal: "SIGNONSENSE", timeoutMs: 10 }), (error) =>
    hasCode(error, "INVALID_INPUT"),
  );
  assert.equal((await connection.request("describe", {})).exit, undefined);
});

test("stop leaves no process of a tree that ignores SIGTERM, and concurrent stops share one", async (t) => {
  const bench = new HostBench(t);
  const stubborn = "trap '' TERM; (setsid sleep 1000 &) ; sleep 1000 & echo up; while :; do sleep 1; done";
  await bench.start(bench.spec(["sh", "-c", stubborn]));
  await eventually(async () => ((await bench.messages()).includes("up") ? true : undefined));
  const [one, two] = [await bench.connect(), await bench.connect()];
  const stop = { signal: "SIGTERM", timeoutMs: 200 };
  const [first, second] = await Promise.all([one.request("stop", stop), two.request("stop", stop)]);
  assert.deepEqual(first, second);
  assert.deepEqual(first.survivors, []);
  assert.equal(first.escalated, true);
  assert.deepEqual(await bench.members(), []);
  assert.deepEqual(await bench.exit(), { code: null, signal: "SIGKILL" });
  assert.equal((await bench.messages()).filter((text) => text.startsWith("stopping")).length, 1);
});

test("the session can be started again the moment stop answers", async (t) => {
  const bench = new HostBench(t);
  for (let round = 1; round <= 5; round++) {
    const report = await bench.start(bench.spec(["cat"], { launchId: `${bench.launchId}-${round}` }));
    assert.equal(report.kind, "running");
    const connection = await bench.connect();
    await connection.request("stop", { signal: "SIGTERM", timeoutMs: 1000 });
  }
  const page = await bench.reader.page({ cursor: 0, limit: 100 });
  assert.deepEqual(
    page.messages.map(({ seq }) => seq),
    page.messages.map((_, index) => index + 1),
  );
});

test("SIGTERM to the host ends the tree; SIGHUP and SIGINT don't", async (t) => {
  const bench = new HostBench(t);
  const report = await bench.start(bench.spec(["sleep", "1000"]));
  assert.ok(report.kind === "running");
  await processes.signal(report.host, "SIGHUP");
  await processes.signal(report.host, "SIGINT");
  const connection = await bench.connect();
  assert.equal((await connection.request("describe", {})).exit, undefined);
  connection.dispose();
  await processes.signal(report.host, "SIGTERM");
  assert.deepEqual(await bench.exit(), { code: null, signal: "SIGTERM" });
  await eventually(async () => ((await processes.isAlive(report.host)) ? undefined : true));
  assert.ok(!existsSync(join(bench.directory, "host.sock")));
});

test("the session lives on while a child of the ended leader lives", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["sh", "-c", "trap '' HUP; sleep 1000 </dev/null >/dev/null 2>&1 & exit 4"]));
  const connection = await bench.connect();
  await eventually(async () =>
    // On a busy machine it isn't told yet by the name it takes: it was only just forked.
    (await bench.messages()).some((text) => /code 4; still running: (?:sleep|sh) /.test(text))
      ? true
      : undefined,
  );
  assert.equal((await connection.request("describe", {})).exit, undefined);
  const exited = new Promise((resolve) => connection.onNotification("exited", ({ exit }) => resolve(exit)));
  const child = await eventually(async () =>
    (await bench.members()).find((member) => member.name === "sleep"),
  );
  assert.ok(child);
  await processes.signal(child, "SIGKILL");
  assert.deepEqual(await exited, { code: 4, signal: null });
});

const background = `while :; do echo "it lives"; sleep 0.05; done & echo "in the background"; exit 0`;

test("a server that its script puts into the background lives and is heard, as from a shell, until a stop", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["sh", "-c", background]));
  await eventually(async () => {
    const messages = await bench.messages();
    const ended = messages.findIndex((text) => /exited with code 0; still running: /.test(text));
    return ended >= 0 && messages.slice(ended + 1).filter((text) => text === "it lives").length > 5
      ? true
      : undefined;
  });
  const connection = await bench.connect();
  const { survivors, escalated } = await connection.request("stop", { signal: "SIGTERM", timeoutMs: 60_000 });
  assert.deepEqual([survivors, escalated], [[], false]);
  assert.deepEqual(await bench.members(), []);
});

test("a run's command is the leader itself, and an environment that a shell would lose is kept whole", async (t) => {
  const bench = new HostBench(t);
  const env = { ...bench.spec(["sh"]).env, "spring.profiles": "dev" };
  await bench.start(bench.spec(["/usr/bin/env"], { env }));
  await bench.exit();
  assert.ok((await bench.messages()).includes("spring.profiles=dev"));
});

test("every viewer is told of the exit, and then the connection ends", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["sh", "-c", "read line; exit 3"]));
  const viewers = await Promise.all([bench.connect(), bench.connect()]);
  const exits = viewers.map(
    (viewer) => new Promise((resolve) => viewer.onNotification("exited", ({ exit }) => resolve(exit))),
  );
  const closes = viewers.map((viewer) => new Promise<void>((resolve) => viewer.onClosed(resolve)));
  await viewers[0]?.request("input", { data: "x\r" });
  assert.deepEqual(await Promise.all(exits), Array(2).fill({ code: 3, signal: null }));
  await Promise.all(closes);
  await assert.rejects(connectHost(bench.directory), (error) => hasCode(error, "HOST_FAILED"));
});

test("what viewers get together with the scrollback is all output, once, whenever they attach", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["sh", "-c", "for i in $(seq 1 20000); do echo $i; done; read end"]));
  const expected = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\r\n`).join("");
  const viewers = Array.from({ length: 4 }, async () => {
    const connection = await bench.connect();
    const pieces: Buffer[] = [];
    connection.onNotification("output", ({ data }) => pieces.push(Buffer.from(data, "base64")));
    const { scrollback } = await connection.request("attach", {});
    return () => text(scrollback) + Buffer.concat(pieces).toString();
  });
  for (const viewer of await Promise.all(viewers)) {
    await eventually(() => (viewer().length >= expected.length ? true : undefined));
    assert.equal(viewer(), expected);
  }
});

test("something that isn't the protocol ends its own connection and nothing else", async (t) => {
  const bench = new HostBench(t);
  await bench.start(bench.spec(["cat"]));
  const socket = createConnection(join(bench.directory, "host.sock"));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\nContent-Length: 5\r\n\r\n{{{{{");
  await closed;
  assert.equal((await (await bench.connect()).request("describe", {})).exit, undefined);
});

test("connecting fails at once where nothing listens, and in bounded time where nothing answers", async (t) => {
  const bench = new HostBench(t);
  const refused = (error: unknown) => hasCode(error, "HOST_FAILED");
  await assert.rejects(connectHost(bench.directory), refused);
  const mute = createServer((socket) => t.after(() => socket.destroy()));
  await new Promise<void>((resolve) => mute.listen(join(bench.directory, "host.sock"), resolve));
  t.after(() => mute.close());
  const connection = await bench.connect();
  const answer = connection.request("describe", {}, { signal: AbortSignal.timeout(50) });
  await assert.rejects(answer);
  connection.dispose();
  await assert.rejects(connection.request("describe", {}), refused);
});

test("a server below a launcher that ends at once has its time to end cleanly", async (t) => {
  const bench = new HostBench(t);
  const said = join(bench.directory, "last-words");
  const server = `
    const server = require("node:http").createServer().listen(0, "127.0.0.1", () => console.log("up"));
    const sayIt = () => require("node:fs").writeFileSync(${JSON.stringify(said)}, "closed");
    process.on("SIGTERM", () => server.close(() => setTimeout(sayIt, 150)));`;
  await bench.start(bench.spec(["sh", "-c", '"$1" -e "$2"; exit', "sh", process.execPath, server]));
  await eventually(async () => ((await bench.messages()).includes("up") ? true : undefined));
  const { survivors } = await (await bench.connect()).request("stop", { signal: "SIGTERM", timeoutMs: 5000 });
  assert.deepEqual(survivors, []);
  assert.ok(existsSync(said), "the end of its launcher hung the terminal up");
});
