import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { holdExclusive } from "../../../daemon/store/sqlite/exclusive.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { type Running, startProgram } from "../../support/child.ts";
import { waitFor } from "../../support/wait.ts";

const holder = new URL("./hold-exclusive.ts", import.meta.url).pathname;

test("one handle at a time holds the file, and a disposed one frees it", async (t) => {
  const file = await lockFile(t);
  const first = holdExclusive(file);
  assert.ok(first);
  assert.equal(holdExclusive(file), undefined);
  first.dispose();
  first.dispose();
  const second = holdExclusive(file);
  assert.ok(second);
  second.dispose();
});

test("of 20 processes at once exactly one holds the file, and SIGKILL frees it at once", async (t) => {
  const file = await lockFile(t);
  const contenders = await Promise.all(Array.from({ length: 20 }, () => contend(t, file)));
  const answers = await Promise.all(contenders.map((one) => one.printed(/held|occupied/)));
  assert.equal(answers.filter(([word]) => word === "held").length, 1);
  const winner = contenders.find((one) => one.stdout().includes("held"));
  assert.equal(holdExclusive(file), undefined);
  winner?.process.kill("SIGKILL");
  const freed = await waitFor("the lock to be free", () => holdExclusive(file), {
    intervalMs: 2,
  });
  freed.dispose();
});

test("a killed holder leaves no file behind that keeps the next one out", async (t) => {
  const file = await lockFile(t);
  for (let i = 0; i < 3; i++) {
    const one = await contend(t, file);
    await one.printed(/held/);
    one.process.kill("SIGKILL");
    await one.finished();
  }
  assert.deepEqual(await readdir(join(file, "..")), ["daemon.lock"]);
});

test("a garbage file is replaced without letting two in", async (t) => {
  for (const garbage of ["x", "12345\n", "not a database at all ".repeat(500)]) {
    const file = await lockFile(t);
    await writeFile(file, garbage);
    const contenders = await Promise.all(Array.from({ length: 6 }, () => contend(t, file)));
    const answers = await Promise.all(contenders.map((one) => one.printed(/held|occupied/)));
    assert.equal(answers.filter(([word]) => word === "held").length, 1, JSON.stringify(garbage.slice(0, 8)));
  }
});

test("a file that can't be used is an error, not another's lock", async (t) => {
  const file = await lockFile(t);
  await writeFile(file, "");
  for (const impossible of [join(file, ".."), join(file, "below-a-file")]) {
    assert.throws(
      () => holdExclusive(impossible),
      (error) => hasCode(error, "STORE_UNAVAILABLE"),
    );
  }
});

async function contend(t: TestContext, file: string): Promise<Running> {
  const running = await startProgram(process.execPath, [holder, file]);
  t.after(() => running.process.kill("SIGKILL"));
  return running;
}

async function lockFile(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-lock-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return join(directory, "daemon.lock");
}
