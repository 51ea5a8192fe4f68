import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Hosts } from "../../../daemon/hosts/hosts.ts";
import { threadOutput } from "../../../daemon/threads/output.ts";
import { Threads } from "../../../daemon/threads/threads.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { often } from "../../support/campaign.ts";
import { silentLog } from "../../support/log.ts";
import { hostProgram } from "../../support/paths.ts";
import { allProcesses, describeProcesses, endProcesses } from "../../support/processes.ts";
import { fixtures } from "../processes/tree.ts";
import { eventually, processes } from "./hosts.ts";

/** Writes taken of a launch, spread evenly. */
const kills = often(4, 1_000);

/**
 * Ignores SIGTERM in its own group, as an orphan, and in sessions of its own. (Who clears its environment too before
 * the host has looked at its tree once can't be found after the host: ARCHITECTURE.md, "What can't be promised".)
 */
const tree =
  '"$0" "$1" & ("$0" "$1" &); setsid "$0" "$1" & setsid sh -c \'"$0" "$1" & sleep 1\' "$0" "$1" & wait';

/** A session's host under strace, as a daemon sees it, with a tree of which every process has a marker. */
function bench(t: TestContext, fault: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-hostcrash-"));
  const marker = `marker-${randomToken()}`;
  const left = () => allProcesses().filter(({ command }) => command.includes(marker));
  const threads = new Threads();
  const trace = join(directory, "trace");
  const calls = ["-e", "trace=pwrite64,rename"];
  const hosts = new Hosts({
    ...{ processes, log: silentLog, output: threadOutput(threads), sessionsDirectory: directory },
    journalFile: join(directory, "journal.db"),
    hostProgram: {
      file: "strace",
      args: [
        "-qq",
        "-D",
        "-e",
        "signal=none",
        ...calls,
        ...fault,
        "-o",
        trace,
        process.execPath,
        hostProgram,
      ],
    },
  });
  t.after(async () => {
    threads.dispose();
    await endProcesses(left, 0);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  });
  const command = ["sh", "-c", tree, join(fixtures, "stubborn.sh"), marker];
  const record = {
    ...{ session: "dev_server_web", fence: 1, settings: { command, cwd: directory, env: {} } },
    stop: { signal: "SIGTERM", timeoutMs: 200 },
  };
  const hosting = {
    ...{
      kind: "hosted" as const,
      launchId: randomToken(),
      directory: join(directory, "session"),
      machineId: "here",
    },
  };
  const launch = () =>
    hosts.launch(
      record,
      hosting,
      { callerEnvironment: { PATH: process.env["PATH"] ?? "" }, exported: {} },
      AbortSignal.timeout(60_000),
    );
  const writes = () =>
    readFileSync(trace, "utf8")
      .split("\n")
      .filter((line) => /^(pwrite64|rename)\(/.test(line)).length;
  return { hosts, record, hosting, launch, left, writes };
}

test("a host is killed at every write of a launch: the daemon ends whatever it had begun", {
  timeout: 600_000,
}, async (t) => {
  const whole = bench(t, []);
  await whole.launch();
  const writes = whole.writes();
  assert.ok(writes > 5, `${writes} writes`);
  await whole.hosts.endRecorded(whole.record, whole.hosting);
  let died = 0;
  for (let at = 1; at <= writes; at += Math.max(1, Math.floor(writes / kills))) {
    await t.test(`at write ${at} of ${writes}`, async (t) => {
      const { hosts, record, hosting, launch, left } = bench(t, [
        "-e",
        `inject=pwrite64,rename:signal=SIGKILL:when=${at}`,
      ]);
      const launched = await launch().then(
        () => true,
        () => false,
      );
      if (!launched) died++;
      assert.deepEqual(await hosts.endRecorded(record, hosting), []);
      // A moment is all a process that was just forked needs to show.
      const none = await eventually(() => (left().length === 0 ? true : undefined), 500).catch(() => false);
      assert.ok(none, describeProcesses(left()));
    });
  }
  assert.ok(died > 0, "some of them hit");
});
