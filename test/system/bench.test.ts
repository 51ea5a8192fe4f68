import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Row } from "../bench/numbers.ts";
import { runProgram } from "../support/child.ts";
import { repository } from "../support/paths.ts";

const register = new URL("../support/register.mjs", import.meta.url).href;

test("the bench measures every lock row beside its peers, and keeps what it measured", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-bench-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "bench.json");
  const words = ["--import", register, join(repository, "test/bench/run.ts"), "0.03", file];
  const run = await runProgram(process.execPath, words, { timeoutMs: 120_000 });
  assert.equal(run.code, 0, run.stderr);
  const { rows } = JSON.parse(await readFile(file, "utf8")) as { rows: readonly Row[] };
  for (const part of [
    "nobody competing",
    "hand-off",
    "64 contenders",
    "renewing 1,000",
    "many keys",
    "takeover",
  ]) {
    assert.ok(
      rows.some(({ what }) => what.includes(part)),
      part,
    );
  }
  for (const name of ["redlock", "redis-semaphore"]) {
    assert.ok(
      rows.some(({ what }) => what.includes(name)),
      name,
    );
  }
  assert.ok(rows.every(({ value }) => Number.isFinite(value)));
  // What doesn't depend on how busy the machine is.
  const value = (part: string) => rows.find(({ what }) => what.includes(part))?.value ?? Number.NaN;
  assert.equal(value("renewing 1,000"), 1);
  assert.ok(value("64 contenders, devlatch: commands") < 2.5);
});
