import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { startCli } from "../support/cli.ts";
import { describeProcesses, processesIn } from "../support/processes.ts";
import { waitFor } from "../support/wait.ts";
import { migrations, openProject, type Part } from "./several-parts.ts";

test("a task is done before what depends on it, and not again while its files are the same", async (context) => {
  const project = await openProject(context);
  await project.startDatabase();
  const outcome = async (...words: string[]) => (await project.json<Part>(...words)).outcome;
  // All who ask at once share one execution.
  await Promise.all(["api", "web", "api"].map((app) => project.json("start", app)));
  assert.equal(migrations(project), 1);
  assert.equal(await outcome("start", "schema"), "unchanged");
  await project.write("migrations/2026/2.sql", "create table more;");
  assert.equal(await outcome("start", "schema"), "done");
  assert.equal(await outcome("start", "schema"), "unchanged");
  assert.equal(migrations(project), 2);
  assert.equal(await outcome("restart", "schema"), "done", "one who asks for it again has it again");
  assert.equal(await outcome("start", "schema"), "unchanged", "and once more is enough");
  assert.equal(migrations(project), 3);
});

test("what a task wrote is read and followed like a server's output", async (context) => {
  const project = await openProject(context);
  await project.startDatabase();
  assert.match((await project.refused(1, "logs", "schema")).message, /schema was never started/);
  await project.json("start", "schema");
  const { stdout } = await project.run("logs", "schema");
  assert.match(stdout, /migrates 2026 on port \d+/);
  const words = ["logs", "schema", "--follow", "--cwd", project.cwd];
  const follow = await startCli(words, { home: project.home });
  await follow.printed(/migrates 2026/);
  await project.json("restart", "schema");
  await follow.printed(/migrates 2026[\s\S]*migrates 2026/);
  follow.process.kill("SIGINT");
  await follow.finished();
});

test("a task that fails is told with what it said, and is tried again; one that never ends is ended with its last caller", async (context) => {
  const project = await openProject(context);
  await project.startDatabase();
  await project.write("broken", "");
  for (const attempt of [1, 2]) {
    const { code, stderr } = await project.run("start", "web");
    assert.equal(code, 1, stderr);
    assert.match(stderr, /depends on schema: schema failed: `node migrate\.js` ended with exit code 3\./);
    assert.match(stderr, /relation "shop" already exists/);
    assert.equal(migrations(project), attempt);
  }
  rmSync(join(project.cwd, "broken"));
  await project.write("endless", "");
  const late = await project.refused(5, "start", "schema", "--timeout", "2");
  assert.match(late.message, /schema isn't done after 2 s: `node migrate\.js` goes on/);
  const waits = await startCli(["start", "web", "--cwd", project.cwd], { home: project.home });
  await waits.printed(/schema: Running `node migrate\.js`/);
  waits.process.kill("SIGINT");
  assert.equal((await waits.finished()).code, 130);
  await waitFor("the task to be ended", async () => {
    const { runs = [] } = await project.json<StatusResult>("status");
    return runs.find(({ key }) => key === "task:schema")?.state.kind === "cancelled" || undefined;
  });
  assert.equal(describeProcesses(processesIn(project.cwd)), "");
  assert.equal(migrations(project), 3);
});
