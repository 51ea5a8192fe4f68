import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { commandLine, runCli } from "../../support/cli.ts";
import { openTerminal } from "../../support/terminal.ts";
import { Patient } from "./examined.ts";

/** Two things left over: a socket and damaged output. */
async function untidy(t: TestContext) {
  const patient = await Patient.create(t);
  await patient.ok("start", "web");
  const directory = await patient.directory();
  await patient.ok("stop", "web");
  const [socket, damaged] = [join(directory, "host.sock"), join(directory, "thread.db.damaged")];
  writeFileSync(socket, "");
  writeFileSync(damaged, "garbage");
  return { patient, left: () => [existsSync(socket), existsSync(damaged)] };
}

test("without a terminal and without --yes nothing is changed, and the exit code is that of looking", async (t) => {
  const { patient, left } = await untidy(t);
  const [looked, asked] = [await patient.cli("doctor"), await patient.cli("doctor", "--fix")];
  assert.deepEqual([looked.code, asked.code], [0, 0], "warnings are no problems");
  assert.deepEqual(left(), [true, true]);
  const text = await runCli(["doctor", "--fix", "--cwd", patient.cwd], { home: patient.home });
  assert.match(text.stdout, /To have it fixed, asked for each: devlatch doctor --fix/);
  assert.deepEqual(left(), [true, true]);
});

test("at a terminal each is asked for, and a no leaves it as it is", async (t) => {
  const { patient, left } = await untidy(t);
  const { home, cwd } = patient;
  const terminal = openTerminal(`'${process.execPath}' '${commandLine}' doctor --fix --cwd '${cwd}'`, {
    home,
    owner: t,
  });
  await terminal.shows(/Remove it\? \[y\/N\]/);
  terminal.type("n\r");
  await terminal.shows(/Remove the damaged file\? \[y\/N\]/);
  terminal.type("y\r");
  assert.equal(await terminal.ended(), 0, terminal.shown());
  assert.deepEqual(left(), [true, false]);
  assert.match(terminal.shown(), /Left as it is: stale-socket:/);
  assert.match(terminal.shown(), /Fixed damaged-output:/);
});

test("a home that others may enter is closed without a daemon", async (t) => {
  const patient = await Patient.create(t);
  await chmod(patient.home.directory, 0o755);
  const before = await patient.cli("doctor");
  assert.equal(before.code, 1);
  const { code, json } = await patient.cli("doctor", "--fix", "--yes");
  assert.equal(code, 0, JSON.stringify(json));
  assert.equal((await stat(patient.home.directory)).mode & 0o777, 0o700);
  assert.equal(patient.home.daemonPid(), undefined);
});
