import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launcherFor } from "../../../extension/command-line/launcher.ts";
import { writeLauncher } from "../../../extension/command-line/offer.ts";
import { startProgram } from "../../support/child.ts";

test("the launcher hands every argument on as it is, from a directory with any name", async (t) => {
  const root = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-launcher-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const odd = join(root, "it's $HOME `x`");
  mkdirSync(odd);
  const script = join(odd, "print.mjs");
  writeFileSync(
    script,
    "console.log(JSON.stringify([process.env.ELECTRON_RUN_AS_NODE, ...process.argv.slice(2)]))",
  );
  const bin = join(odd, "bin");
  const launcher = launcherFor("linux", { runtime: process.execPath, isElectron: true, script });
  await writeLauncher(bin, launcher);
  const program = await startProgram(join(bin, launcher.name), ["a b", "", "$x"]);
  await program.finished(10_000);
  assert.deepEqual(JSON.parse(program.stdout()), ["1", "a b", "", "$x"]);
});

test("a launcher that is right already isn't written again; one of another version is replaced", async (t) => {
  const bin = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-launcher-"));
  t.after(() => rmSync(bin, { recursive: true, force: true }));
  const file = () => statSync(join(bin, "devlatch"), { bigint: true }).ino;
  await writeLauncher(bin, { name: "devlatch", text: "one" });
  const first = file();
  await writeLauncher(bin, { name: "devlatch", text: "one" });
  assert.equal(file(), first);
  await writeLauncher(bin, { name: "devlatch", text: "two" });
  assert.notEqual(file(), first);
});

test("on Windows it is a batch file, in which a percent sign stands for itself", () => {
  const paths = { runtime: "C:\\100%\\Code.exe", script: "C:\\a b\\devlatch.js" };
  const { name, text } = launcherFor("win32", { ...paths, isElectron: true });
  assert.equal(name, "devlatch.cmd");
  assert.match(text, /set ELECTRON_RUN_AS_NODE=1\r\n"C:\\100%%\\Code\.exe" "C:\\a b\\devlatch\.js" %\*/);
  assert.doesNotMatch(launcherFor("win32", { ...paths, isElectron: false }).text, /ELECTRON/);
});
