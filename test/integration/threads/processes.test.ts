import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ThreadReader } from "../../../daemon/threads/reader.ts";
import { ThreadWriter } from "../../../daemon/threads/writer.ts";

const program = new URL("./writer-process.ts", import.meta.url).pathname;

function threadIn(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-thread-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "thread.db");
}

function startWriter(t: TestContext, file: string, first: number, count: number, shell?: string) {
  const argv = [process.execPath, program, file, String(first), String(count)];
  const [command = "", ...args] = shell === undefined ? argv : ["/bin/sh", "-c", shell, ...argv];
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

/** Follows the thread with pages of random size until `done`, then to its end. */
async function follow(file: string, done: () => boolean) {
  const reader = new ThreadReader(file);
  const read: { seq: number; text: string }[] = [];
  let cursor = 0;
  for (;;) {
    const over = done();
    const page = await reader.page({ cursor, limit: 1 + Math.floor(Math.random() * 500) });
    read.push(...page.messages);
    cursor = page.next;
    if (page.messages.length === 0 && over) break;
    await nextTurn();
  }
  reader.dispose();
  return read;
}

test("readers that follow while another process writes get every line once, in order", async (t) => {
  const file = threadIn(t);
  const count = 30_000;
  const child = startWriter(t, file, 1, count);
  const done = () => child.exitCode !== null;
  const readers = await Promise.all([follow(file, done), follow(file, done), follow(file, done)]);
  assert.equal(child.exitCode, 0);
  for (const read of readers) {
    assert.equal(read.length, count);
    for (const [index, { seq, text }] of read.entries()) {
      assert.equal(seq, index + 1);
      assert.equal(text, `line ${index + 1}`);
    }
  }
});

test("a writer killed at any instant leaves whole lines in order, and the next one goes on", async (t) => {
  const file = threadIn(t);
  for (let round = 0; round < 5; round++) {
    const child = startWriter(t, file, 1, 1_000_000);
    const reader = new ThreadReader(file);
    const before = reader.lastSeq();
    while (reader.lastSeq() < before + 200 * (round + 1)) await nextTurn();
    child.kill("SIGKILL");
    await once(child, "exit");
    reader.dispose();
  }
  const read = await follow(file, () => true);
  let rounds = 0;
  for (const [index, { seq, text }] of read.entries()) {
    assert.equal(seq, index + 1);
    if (text === "line 1") rounds++;
    else assert.equal(Number(text.slice(5)), Number(read[index - 1]?.text.slice(5)) + 1);
  }
  assert.equal(rounds, 5);
});

test("a writer whose disk is full goes on, and what could be written can be read", async (t) => {
  const file = threadIn(t);
  // A limit on the size of files in 512-byte blocks: writes beyond it fail like those to a full disk.
  const child = startWriter(t, file, 1, 600_000, 'ulimit -f 20000; exec "$0" "$@"');
  let said = "";
  child.stderr?.on("data", (text) => {
    said += text;
  });
  const [code] = await once(child, "exit");
  assert.equal(code, 0, said);
  assert.match(said, /can't be written/);
  assert.ok(statSync(file).size <= 20_000 * 512);
  const reader = new ThreadReader(file);
  t.after(() => reader.dispose());
  assert.ok(existsSync(file));
  const { messages } = await reader.page({ cursor: 0, limit: 5000 });
  for (const [index, { text }] of messages.entries()) assert.equal(text, `line ${index + 1}`);
  assert.ok(messages.length > 100);
  const writer = ThreadWriter.open(file);
  writer.event("there is room again");
  writer.close();
  assert.equal(reader.tail(1)[0]?.text, "there is room again");
});
