import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { JournalEntry, JournalPage } from "../../shared/model/journal.ts";
import { makeRepository } from "../integration/sandboxes/repository.ts";
import { runCli, startCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { isAlive, seeProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";

/** What happened of this kind, in short: `granted`, `web ready`. */
async function happened(home: TestHome, kind: string): Promise<string[]> {
  const { entries } = await runJson<JournalPage>(["journal", "--kind", kind, "--cursor", "0"], { home });
  return entries.map(({ event }) => {
    if (event.kind === "session") return event.state.kind;
    return "change" in event ? event.change.kind : event.kind;
  });
}

test("a server, a run and a sandbox leave their history: states, locks, results", async (t) => {
  const home = createHome(t);
  const { path: cwd } = await makeRepository(t, { apps: { web: { port: await freePort() } } });
  const plain = await prepareProject("plain", t);
  const port = await freePort();
  await writeFile(join(plain, "devlatch.json"), JSON.stringify({ apps: { web: { port } } }));
  await runJson(["start", "web", "--cwd", plain], { home });
  await runJson(["stop", "web", "--cwd", plain], { home });
  assert.deepEqual(await happened(home, "session"), ["starting", "ready", "stopping", "stopped"]);
  const locks = await happened(home, "lock");
  assert.deepEqual(new Set(locks), new Set(["granted", "released"]));
  assert.ok((await happened(home, "signal")).length > 0);

  await runJson(["run", "check", "--cwd", plain, "--", "true"], { home });
  await runJson(["run", "check", "--once", "--cwd", plain, "--", "true"], { home });
  assert.deepEqual(await happened(home, "run"), ["executed", "ended", "replayed"]);

  const claimed = await runJson<{ token: string; path: string }>(["sandbox", "claim", "--cwd", cwd], {
    home,
  });
  const release = ["sandbox", "release", claimed.path, "--token", claimed.token, "--cwd", cwd];
  await runJson(release, { home });
  assert.deepEqual(await happened(home, "sandbox"), ["created", "claimed", "reset", "released"]);

  const { stdout } = await runCli(["journal", "--limit", "1000"], { home });
  for (const line of stdout.trimEnd().split("\n"))
    assert.match(line, /^\d+ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\S/);
  assert.match(stdout, /the run check exited with code 0/);
  assert.match(stdout, /the sandbox \S+ was claimed by/);
});

test("who follows sees a daemon die and the next take over, without a gap", async (t) => {
  const home = createHome(t);
  await runJson(["daemon", "start"], { home });
  const following = await startCli(["journal", "--follow", "--json", "--cursor", "0"], { home });
  t.after(() => void following.process.kill("SIGKILL"));
  await following.printed(/"started"/);
  const pid = home.daemonPid() ?? Number.NaN;
  process.kill(pid, "SIGKILL");
  await waitFor("the daemon to be gone", () => home.daemonPid() === undefined);
  await runJson(["daemon", "start"], { home });
  await following.printed(/"took-over"/);
  await runJson(["daemon", "stop"], { home });
  await runJson(["daemon", "start"], { home });
  await following.printed(/"stopped".*"started"/s);
  following.process.kill("SIGINT");
  const { code, stdout } = await following.finished();
  assert.equal(code, 0);
  const entries = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JournalEntry);
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    entries.map((_, index) => index + 1),
  );
  const changes = entries.flatMap(({ event }) => (event.kind === "daemon" ? [event.change] : []));
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ["started", "started", "took-over", "stopped", "started"],
  );
  assert.ok(changes.some((change) => change.kind === "took-over" && change.from === pid));
});

test("a damaged journal stops nothing; journal and doctor say what became of it", async (t) => {
  const home = createHome(t);
  await runJson(["daemon", "start"], { home });
  const file = join(home.directory, "journal.db");
  const daemon = seeProcess(home.daemonPid() ?? -1) ?? assert.fail("a daemon runs");
  await runJson(["daemon", "stop"], { home });
  // It closes its databases after it has stopped answering.
  await waitFor("the daemon's process to end", () => !isAlive(daemon));
  writeFileSync(file, "garbage".repeat(5_000));
  const { stdout } = await runCli(["journal"], { home });
  assert.match(stdout, /the journal was damaged .* and was set aside as .*journal\.db\.damaged/);
  const expired = await runCli(["journal", "--cursor", "1", "--json"], { home });
  assert.deepEqual(
    [expired.code, (expired.json as { error: { code: string } }).error.code],
    [1, "CURSOR_EXPIRED"],
  );
  const doctor = await runCli(["doctor"], { home });
  assert.match(doctor.stdout, /! The journal was damaged and set aside/);
});
