import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { prepareProject } from "../support/projects.ts";

test("the daemon has nothing of the project that was first to need it: no programs, preloads or secrets", async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const ran = join(cwd, "ran");
  const binaries = join(cwd, "node_modules", ".bin");
  await mkdir(binaries, { recursive: true });
  await writeFile(join(binaries, "git"), `#!/bin/sh\necho git >> ${ran}\n`);
  await chmod(join(binaries, "git"), 0o755);
  // Loaded by the client too, which is the caller's own: only the daemon's is counted.
  const preload = join(cwd, "preload.cjs");
  const isDaemon = 'process.argv.includes("--devlatch")';
  await writeFile(
    preload,
    `if (${isDaemon}) require("node:fs").appendFileSync(${JSON.stringify(ran)}, "preload\\n");\n`,
  );
  const env = {
    PATH: `${binaries}${delimiter}bin${delimiter}${process.env["PATH"]}`,
    NODE_OPTIONS: `--require ${preload}`,
    PROJECT_SECRET: "of one project",
    GIT_DIR: join(cwd, "elsewhere"),
  };
  const started = await runCli(["daemon", "start"], { home, env, cwd });
  assert.equal(started.code, 0, started.stderr);
  await runCli(["detect", "--json"], { home, env, cwd });

  const pid = home.daemonPid();
  const words = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  for (const name of ["NODE_OPTIONS", "PROJECT_SECRET", "GIT_DIR"]) {
    assert.ok(!words.some((word) => word.startsWith(`${name}=`)), name);
  }
  const path =
    words
      .find((word) => word.startsWith("PATH="))
      ?.slice(5)
      .split(delimiter) ?? [];
  assert.ok(path.length > 0);
  assert.ok(!path.includes(binaries) && !path.includes("bin"), String(path));
  assert.ok(!existsSync(ran), existsSync(ran) ? readFileSync(ran, "utf8") : "");
});
