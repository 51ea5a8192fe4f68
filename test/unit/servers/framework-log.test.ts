import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { frameworkLog } from "../../../daemon/servers/framework-log.ts";

function astro(t: TestContext) {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "devlatch-log-")));
  t.after(() => rmSync(cwd, { recursive: true }));
  mkdirSync(join(cwd, ".astro"));
  const settings = { cwd, command: ["astro", "dev"], env: {}, port: 4321 };
  return { file: join(cwd, ".astro/dev.log"), read: () => frameworkLog({ framework: "astro", settings }) };
}

test("a framework's log is read: its last lines, without escapes", async (t) => {
  const { file, read } = astro(t);
  assert.equal(await read(), undefined, "there is none yet");
  const lines = Array.from({ length: 40 }, (_, index) => `\u001b[32mline ${index}\u001b[0m`);
  writeFileSync(file, `${lines.join("\n\n")}\n`);
  const found = await read();
  assert.equal(found?.file, file);
  assert.deepEqual([found?.lines.length, found?.lines.at(-1)], [15, "line 39"]);
});

test("a log that is a link is not followed out of the project", async (t) => {
  const { file, read } = astro(t);
  symlinkSync("/etc/passwd", file);
  assert.equal(await read(), undefined);
});
