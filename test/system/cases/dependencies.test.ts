import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../../support/ports.ts";
import type { Answer } from "../answer.ts";
import { liveLaunches } from "../launches.ts";
import { openCase } from "./open-case.ts";

// A fresh clone: the shell's "not found" says nothing of what is to be done.
for (const [lockfile, install] of [
  [undefined, "npm install"],
  ["package-lock.json", "npm ci"],
  ["pnpm-lock.yaml", "pnpm install"],
] as const) {
  test(`where nothing is installed a failed start says so, and with what (${lockfile ?? "no lockfile"})`, async (context) => {
    const opened = await openCase(context, "p26-no-node_modules");
    if (lockfile !== undefined) await opened.write(lockfile, lockfile.endsWith("json") ? "{}" : "");
    const failed = await opened.refused(1, "start", "web", "--", "npm", "run", "dev");
    assert.equal(failed.code, "EXITED_EARLY");
    assert.match(
      failed.message,
      /Its dependencies aren't installed: there is no node_modules in \S+\/p26-no-/,
    );
    assert.ok(failed.remedy.includes(`${opened.cwd} && ${install}. Then: devlatch start web`), failed.remedy);
    assert.equal(liveLaunches(opened.home).size, 0);
  });
}

test("where a dependency was added since the last installation a failed start names that one", async (context) => {
  const opened = await openCase(context, "p26-no-node_modules");
  await opened.write("node_modules/other/index.js", "");
  const failed = await opened.refused(1, "start", "web");
  assert.match(failed.message, /Not all of its dependencies are installed: vite can't be found in /);
  assert.match(failed.remedy, /npm install\. Then: devlatch start web/);
});

test("a restart that would find nothing installed leaves the server as it runs, and says with what to install", async (context) => {
  const opened = await openCase(context, "p26-no-node_modules", { modules: "vite" });
  const started = await opened.json<Answer>("start", "web", "--port", String(await freePort()));
  renameSync(join(opened.cwd, "node_modules"), join(opened.cwd, "elsewhere"));
  const refused = await opened.refused(1, "restart", "web");
  assert.equal(refused.code, "COMMAND_NOT_FOUND");
  assert.match(refused.remedy, /npm install\. Then: devlatch restart web/);
  const still = await opened.json<Answer>("start", "web");
  assert.deepEqual([still.outcome, still.pid], ["reused", started.pid]);
  await opened.json("stop", "web");
});
