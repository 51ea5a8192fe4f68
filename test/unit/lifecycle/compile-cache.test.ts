import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { removeOldEntries } from "../../../daemon/lifecycle/compile-cache.ts";

test("entries that weren't written for long go, in every runtime's directory; what is new stays", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-cache-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const runtime of ["v22", "v24"]) {
    mkdirSync(join(directory, runtime));
    for (const [name, seconds] of [
      ["old", 1_000],
      ["new", 3_000],
    ] as const) {
      writeFileSync(join(directory, runtime, name), "");
      utimesSync(join(directory, runtime, name), seconds, seconds);
    }
  }
  await removeOldEntries(directory, 2_000_000);
  assert.deepEqual(readdirSync(directory, { recursive: true }).map(String).sort(), [
    "v22",
    "v22/new",
    "v24",
    "v24/new",
  ]);
  await assert.rejects(removeOldEntries(join(directory, "nowhere"), 1), { code: "ENOENT" });
});
