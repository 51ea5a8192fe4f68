import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { missingIn } from "../support/built.ts";
import { runProgram } from "../support/child.ts";
import { createHome } from "../support/home.ts";
import { needCodeServer } from "../support/install/code-server.ts";
import { repository } from "../support/paths.ts";
import { prepareProject } from "../support/projects.ts";

test("the packed extension installs as a user does it, and all it needs is inside", async (context) => {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-vsix-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  // From what the stage "build" made: other tests run from there.
  const packed = await runProgram(process.execPath, [".ci/packages/main.ts", "--out", directory], {
    cwd: repository,
  });
  assert.equal(packed.code, 0, packed.stdout + packed.stderr);
  const { userEntry } = await needCodeServer();
  const places = [
    "--extensions-dir",
    join(directory, "extensions"),
    "--user-data-dir",
    join(directory, "data"),
  ];
  const vsix = join(directory, "devlatch.vsix");

  const installed = await runProgram(process.execPath, [userEntry, ...places, "--install-extension", vsix]);

  assert.equal(installed.code, 0, installed.stdout + installed.stderr);
  const [name = ""] = readdirSync(join(directory, "extensions")).filter((entry) =>
    entry.startsWith("devlatch."),
  );
  const extension = join(directory, "extensions", name);
  const programs = readdirSync(join(extension, "dist")).filter((file) => file.endsWith(".js"));
  assert.ok(programs.includes("extension.js") && programs.some((file) => file.startsWith("part-")));
  assert.deepEqual(missingIn(extension, programs), []);
  const licences = readFileSync(join(extension, "dist/LICENSES.txt"), "utf8");
  for (const part of ["zod", "ws", "re2js", "koffi"]) assert.match(licences, new RegExp(`^${part} \\d`, "m"));
  // Away from the repository: whatever the bundles would still look for in its node_modules is missing here.
  const home = createHome(context);
  const cwd = await prepareProject("plain", context);
  const devlatch = (...args: string[]) =>
    runProgram(process.execPath, [join(extension, "dist/devlatch.js"), ...args, "--cwd", cwd], {
      env: home.env(),
    });
  const started = await devlatch("start", "web", "--on-conflict", "next", "--json");
  assert.equal(started.code, 0, started.stdout + started.stderr);
  const examined = await devlatch("doctor");
  assert.match(examined.stdout, /The daemon answers/);
  assert.doesNotMatch(examined.stdout, /in place of a terminal|library can't be called/, "its native parts");
  const stopped = await devlatch("stop", "web", "--json");
  assert.equal(stopped.code, 0, stopped.stdout + stopped.stderr);
});
