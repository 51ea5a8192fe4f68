import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, HostBench, residentBytes } from "./hosts.ts";

const megabyte = 1024 * 1024;

test("100 MB of output pass with flat memory, and what is kept is what was written last", async (t) => {
  const bench = new HostBench(t);
  // 79 characters and CR LF a line: 1,300,000 lines are 105 MB on the terminal.
  const lines = 1_300_000;
  const script = `seq -f '%079.0f' 1 ${lines}; read end`;
  const begun = performance.now();
  const report = await bench.start(bench.spec(["sh", "-c", script]));
  assert.ok(report.kind === "running");
  const before = residentBytes(report.host.pid);
  let peak = before;
  const last = String(lines).padStart(79, "0");
  await eventually(() => {
    peak = Math.max(peak, residentBytes(report.host.pid));
    return bench.reader.tail(1)[0]?.text === last ? true : undefined;
  }, 60_000);
  const seconds = (performance.now() - begun) / 1000;
  t.diagnostic(`${(105 / seconds).toFixed(0)} MB/s, resident ${before / megabyte} -> ${peak / megabyte} MB`);
  assert.ok(peak - before < 150 * megabyte, `grew by ${(peak - before) / megabyte} MB`);
  const kept = (await bench.messages()).slice(-200_000);
  assert.equal(kept.length, 200_000);
  for (const [index, text] of kept.entries()) assert.equal(Number(text), lines - 200_000 + index + 1);
  await (await bench.connect()).request("stop", { signal: "SIGTERM", timeoutMs: 2000 });
});

test("one line of 50 MB becomes messages of bounded length, and nothing of it is lost", async (t) => {
  const bench = new HostBench(t);
  const report = await bench.start(
    bench.spec(["sh", "-c", "head -c 50000000 /dev/zero | tr '\\0' x; echo; echo done; read end"]),
  );
  assert.ok(report.kind === "running");
  const before = residentBytes(report.host.pid);
  let peak = before;
  await eventually(() => {
    peak = Math.max(peak, residentBytes(report.host.pid));
    return bench.reader.tail(1)[0]?.text === "done" ? true : undefined;
  }, 60_000);
  const texts = (await bench.messages()).slice(0, -1);
  assert.equal(
    texts.reduce((sum, text) => sum + text.length, 0),
    50_000_000,
  );
  assert.ok(texts.every((text) => text.length <= 65_536));
  assert.ok(peak - before < 150 * megabyte, `grew by ${(peak - before) / megabyte} MB`);
  await (await bench.connect()).request("stop", { signal: "SIGTERM", timeoutMs: 2000 });
});

test("a viewer that doesn't read costs bounded memory and holds no other up", async (t) => {
  const bench = new HostBench(t);
  const lines = 400_000;
  const script = `read start; seq -f '%079.0f' 1 ${lines}; echo done; read end`;
  const report = await bench.start(bench.spec(["sh", "-c", script]));
  assert.ok(report.kind === "running");
  // A raw socket: it asks to be attached and never reads.
  const deaf = createConnection(join(bench.directory, "host.sock"));
  t.after(() => deaf.destroy());
  deaf.pause();
  const attach = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "attach", params: {} });
  deaf.write(`Content-Length: ${attach.length}\r\n\r\n${attach}`);
  const eager = await bench.connect();
  const before = residentBytes(report.host.pid);
  await eager.request("input", { data: "\r" });
  await eventually(() => (bench.reader.tail(1)[0]?.text === "done" ? true : undefined), 60_000);
  const grown = residentBytes(report.host.pid) - before;
  assert.ok(grown < 150 * megabyte, `grew by ${grown / megabyte} MB`);
  const told = new Promise<void>((resolve) => {
    deaf.on("data", (bytes) => {
      if (bytes.includes('"dropped"')) resolve();
    });
  });
  deaf.resume();
  await told;
});
