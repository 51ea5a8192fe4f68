import assert from "node:assert/strict";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Finding } from "../../../shared/model/doctor.ts";
import { runProgram } from "../../support/child.ts";
import { commandLine } from "../../support/cli.ts";
import { createHome, type TestHome } from "../../support/home.ts";

/** Mounts of a namespace of its own, which end with the program: the machine's are left as they are. */
const skip =
  process.platform === "linux" && process.getuid?.() === 0 ? false : "mounting takes root on Linux";

/** What the command line says after `mounts`, a line of shell. @param user who runs it */
async function inNamespace(mounts: string, home: TestHome, args: string, user = "") {
  const script = `${mounts} && exec ${user} "$0" "$1" ${args} --json`;
  const options = { env: home.env(), cwd: "/" };
  const ran = await runProgram("unshare", ["-m", "sh", "-c", script, process.execPath, commandLine], options);
  const answer = JSON.parse(ran.stdout || "{}") as {
    findings?: readonly Finding[];
    error?: { remedy: string };
  };
  return { ...ran, answer };
}

function found(findings: readonly Finding[] | undefined, check: string): Finding {
  const finding = findings?.find((one) => one.check === check);
  return finding ?? assert.fail(`${check} isn't among ${JSON.stringify(findings)}`);
}

test("without /proc the doctor says what is missing, and how to get it", { skip }, async (t) => {
  const { code, answer } = await inNamespace("mount -t tmpfs none /proc", createHome(t), "doctor");
  assert.equal(code, 1);
  assert.match(found(answer.findings, "processes").remedy ?? "", /mount -t proc/);
});

test("a home on a read-only disk is a problem with a remedy, before and after it was made", {
  skip,
}, async (t) => {
  const home = createHome(t);
  const readOnly = (path: string) => `mount --bind ${path} ${path} && mount -o remount,ro,bind ${path}`;
  mkdirSync(home.directory, { recursive: true, mode: 0o700 });
  const made = await inNamespace(readOnly(home.directory), home, "doctor");
  assert.match(found(made.answer.findings, "home").remedy ?? "", /DEVLATCH_HOME/);
  const missing = { ...home, env: () => home.env({ DEVLATCH_HOME: join(home.directory, "deeper/home") }) };
  const unmade = await inNamespace(readOnly(home.directory), missing, "doctor");
  assert.match(found(unmade.answer.findings, "home").summary, /can't be made/);
  const refused = await inNamespace(readOnly(home.directory), home, "daemon start");
  assert.equal(refused.code, 1);
  assert.match(refused.answer.error?.remedy ?? "", /DEVLATCH_HOME/);
});

test("where processes of others are hidden the doctor says so to a user, and not to root", {
  skip,
}, async (t) => {
  const hiding = "mount -t proc -o hidepid=2 proc /proc";
  const home = createHome(t);
  const root = await inNamespace(hiding, home, "doctor");
  assert.equal(found(root.answer.findings, "system").level, "ok");
  chmodSync(home.directory, 0o755);
  const nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
  const user = { ...home, env: () => home.env({ DEVLATCH_HOME: "/nonexistent/devlatch" }) };
  const { answer } = await inNamespace(hiding, user, "doctor", nobody);
  assert.match(found(answer.findings, "hidepid").summary, /hidden/);
});
