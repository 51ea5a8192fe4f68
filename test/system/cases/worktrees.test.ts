import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runProgram } from "../../support/child.ts";
import { runJson } from "../../support/json.ts";
import { freePort, isPortFree, occupyPort } from "../../support/ports.ts";
import type { Answer } from "../answer.ts";
import { liveLaunches } from "../launches.ts";
import { type OpenCase, openCase } from "./open-case.ts";

/** A second worktree of a case, which becomes a repository. @returns its directory */
async function addWorktree({ cwd }: OpenCase): Promise<string> {
  const path = join(cwd, "..", "second");
  const who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
  for (const words of [
    ["init", "--quiet"],
    ["add", "."],
    [...who, "commit", "--quiet", "-m", "First"],
    ["worktree", "add", "--quiet", "-b", "second", path],
  ]) {
    const { code, stderr } = await runProgram("git", words, { cwd });
    assert.equal(code, 0, stderr);
  }
  return path;
}

const name = "p18-restart-in-worktree-loses-server";
const text = async ({ url }: Answer) => (await fetch(url)).text();

// A restart that wants the port of the other worktree's server stops what runs, and then can't start it again.
for (const asked of ["--on-conflict", "--port"]) {
  test(`a server of a second worktree is restarted where it was, beside the first's (${asked})`, async (context) => {
    const opened = await openCase(context, name, { ports: [42_618] });
    const [own = 0] = opened.ports;
    const second = await addWorktree(opened);
    const there = <T>(...args: string[]) => runJson<T>([...args, "--cwd", second], opened);
    const first = await opened.json<Answer>("start", "web");
    assert.equal(first.port, own);

    const value = asked === "--port" ? `${await freePort()}` : "next";
    const other = await there<Answer>("start", "web", asked, value);
    assert.notEqual(other.port, own);
    for (const verb of ["restart", "start"]) {
      const again = await there<Answer>(verb, "web");
      assert.deepEqual([again.port, await text(again)], [other.port, "second"], verb);
    }
    assert.deepEqual([(await opened.json<Answer>("start", "web")).pid, await text(first)], [first.pid, name]);
    assert.equal(liveLaunches(opened.home).size, 2);
    await there("stop", "web");
    assert.ok(await isPortFree(other.port));
  });
}

test("a restart of a server that was given another port keeps it, also while that of its own is still taken", async (context) => {
  const opened = await openCase(context, name, { ports: [42_618] });
  const stranger = await occupyPort(opened.ports[0]);
  context.after(() => stranger.release());
  const given = await opened.json<Answer>("start", "web", "--on-conflict", "next");
  const again = await opened.json<Answer>("restart", "web");
  assert.equal(again.port, given.port);
  assert.equal(await text(again), name);

  // What can't be started is said before anything is stopped.
  await opened.write("package.json", JSON.stringify({ scripts: {} }));
  rmSync(join(opened.cwd, "devlatch.json"));
  const { code } = await opened.run("restart", "web");
  assert.notEqual(code, 0);
  assert.equal(await text(again), name, "it runs on");
});
