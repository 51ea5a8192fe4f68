import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { launchDetached } from "../../../daemon/processes/launch.ts";
import { startProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import { allProcesses, seeProcess, signalProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { fixtures } from "./tree.ts";

const base = { file: process.execPath, input: "", cwd: process.cwd(), readyTimeoutMs: 10_000 };
const program = (mode: string) => ({ args: [join(fixtures, "detached.mjs"), mode], env: { MODE: mode } });

function endAfter(t: TestContext, pid: number): void {
  const seen = seeProcess(pid);
  t.after(() => seen !== undefined && signalProcess(seen, "SIGKILL"));
}

describe("Launching a detached process", () => {
  it("hands over the input, gives exactly the environment and returns the first line", async (t) => {
    const input = "x".repeat(300_000);
    const { pid, report } = await launchDetached({ ...base, ...program("report"), input });
    endAfter(t, pid);
    const said = JSON.parse(report);
    assert.deepEqual([said.pid, said.length, said.env], [pid, input.length, { MODE: "report" }]);
    assert.equal(seeProcess(pid)?.pgid, pid);
  });

  it("waits for the whole line", async (t) => {
    const { pid, report } = await launchDetached({ ...base, ...program("twoparts") });
    endAfter(t, pid);
    assert.equal(report, "half and half");
  });

  it("lets the parent end by itself, and the child run and write on", async (t) => {
    const launcher = await startProgram(process.execPath, [join(fixtures, "launcher.mjs")], {
      env: userEnv(),
    });
    const { code, stdout, stderr } = await launcher.finished(20_000);
    assert.equal(code, 0, stderr);
    const pid = Number(stdout);
    endAfter(t, pid);
    // It writes to both streams every 5 ms: it must get past many of these writes without its parent.
    const written = () => Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
    const before = written();
    await waitFor("the child to have written on", () => written() > before + 200);
    assert.ok(seeProcess(pid));
    assert.match(readlinkSync(`/proc/${pid}/fd/2`), /stderr \(deleted\)$/);
  });

  it("quotes standard error when the process ends without reporting", async () => {
    await assert.rejects(launchDetached({ ...base, ...program("fail") }), {
      code: "HOST_FAILED",
      message: /ended with code 7 before it reported\. It wrote: the database is on fire$/,
      data: { logTail: ["first line", "the database is on fire"] },
    });
  });

  it("ends the process, and says what it wrote, when the time is up", async () => {
    const failing = launchDetached({ ...base, ...program("silent"), readyTimeoutMs: 1500 });
    await assert.rejects(failing, { code: "DEADLINE", message: /waiting for something that never comes/ });
    await waitFor("the process to end", () => !running("silent"));
  });

  it("ends the process when cancelled", async () => {
    const reason = new Error("The user went away");
    const controller = new AbortController();
    const failing = launchDetached({ ...base, ...program("silent"), signal: controller.signal });
    await waitFor("the process to run", () => running("silent"));
    controller.abort(reason);
    await assert.rejects(failing, reason);
    await waitFor("the process to end", () => !running("silent"));
  });

  it("says which program or directory is missing", async () => {
    const noFile = launchDetached({ ...base, ...program("report"), file: "/no/such/program" });
    await assert.rejects(noFile, {
      code: "HOST_FAILED",
      message: /^\/no\/such\/program could not be started/,
    });
    const noDirectory = launchDetached({ ...base, ...program("report"), cwd: "/no/such/directory" });
    await assert.rejects(noDirectory, { code: "HOST_FAILED", message: /\/no\/such\/directory/ });
  });

  it("leaves no files behind", async (t) => {
    const files = () => readdirSync(tmpdir()).filter((name) => name.startsWith("devlatch-launch-"));
    const before = new Set(files());
    const { pid } = await launchDetached({ ...base, ...program("report") });
    endAfter(t, pid);
    await launchDetached({ ...base, ...program("fail") }).catch(() => {});
    const mine = files().filter((name) => !before.has(name));
    await waitFor("the directories to go", () => !files().some((name) => mine.includes(name)));
  });
});

function running(mode: string): boolean {
  return allProcesses().some(
    ({ ppid, command }) => ppid === process.pid && command.endsWith(`detached.mjs ${mode}`),
  );
}
