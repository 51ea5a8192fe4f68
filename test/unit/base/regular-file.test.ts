import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readRegularFile, readRegularFileSync } from "../../../shared/base/regular-file.ts";

const most = 10_000;

for (const bytes of [0, 1, 4_095, 4_096, most - 1, most]) {
  test(`all ${bytes} bytes of a file are read`, async (t) => {
    const file = fileOf(t, bytes);
    for (const found of [await readRegularFile(file, most), readRegularFileSync(file, most)])
      assert.equal(found.kind === "bytes" ? found.bytes.length : found.what, bytes);
  });
}

test("a file that is a byte too long is refused", async (t) => {
  const file = fileOf(t, most + 1);
  for (const found of [await readRegularFile(file, most), readRegularFileSync(file, most)])
    assert.equal(found.kind, "refused");
});

const saysNothing = "/proc/self/mountinfo";
const skip = process.platform === "linux" ? false : "only Linux has files that are longer than they say";

test("a file that says it is empty is read to its end", { skip }, async () => {
  assert.equal(statSync(saysNothing).size, 0);
  for (const found of [await readRegularFile(saysNothing), readRegularFileSync(saysNothing)]) {
    const text = found.kind === "bytes" ? Buffer.from(found.bytes).toString() : assert.fail(found.what);
    assert.match(text, / \/ .*\n$/s);
  }
  for (const found of [await readRegularFile(saysNothing, 10), readRegularFileSync(saysNothing, 10)])
    assert.match(found.kind === "refused" ? found.what : "read", /doesn't end: 10 bytes are read at most/);
});

test("what is read of a small file takes no room for a long one", async (t) => {
  const file = fileOf(t, 100);
  const { alloc, allocUnsafe } = Buffer;
  let room = 0;
  t.mock.method(Buffer, "allocUnsafe", (size: number) => {
    room += size;
    return allocUnsafe(size);
  });
  t.mock.method(Buffer, "alloc", (size: number) => {
    room += size;
    return alloc(size);
  });
  await readRegularFile(file);
  readRegularFileSync(file);
  assert.ok(room < 10_000, `${room} bytes`);
});

function fileOf(t: TestContext, bytes: number): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-regular-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "file");
  writeFileSync(file, "x".repeat(bytes));
  return file;
}
