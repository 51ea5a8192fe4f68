import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCli } from "../../support/cli.ts";
import { userEnv } from "../../support/env.ts";
import { waitFor } from "../../support/wait.ts";
import { sweep } from "./sweep.ts";

sweep({
  name: "the release of a sandbox",
  prepare: async (world) => {
    makeRepository(world.cwd);
    const { path, sandboxId } = await world.ok<{ path: string; sandboxId: string }>(["sandbox", "claim"]);
    const home = { home: world.home };
    const started = await runCli(["start", "web", "--cwd", path, "--json"], home);
    assert.equal(started.code, 0, started.stdout);
    writeFileSync(join(path, "work.txt"), "Precious\n");
    return {
      act: () => runCli(["sandbox", "release", "--discard", "--cwd", path, "--json"], home),
      verify: async () => {
        // Killed before the release was begun it is still claimed: then it is released now.
        await runCli(["sandbox", "release", "--discard", "--cwd", path, "--json"], home);
        const [only] = await waitFor("the sandbox to be ready for the next one", async () => {
          const list = await world.ok<{ state: string }[]>(["sandbox", "list"]);
          return list.every(({ state }) => state === "spare") && list;
        });
        assert.ok(only, "the sandbox is kept");
        assert.equal(existsSync(join(world.home.directory, "sandboxes", `${sandboxId}.token`)), false);
        assert.equal(existsSync(join(world.home.directory, "sessions", sandboxId)), false);
        assert.equal(git(path, "status", "--porcelain", "--ignored"), "");
        const [branch, ...more] = git(
          world.cwd,
          "for-each-ref",
          "--format=%(refname)",
          "refs/heads/devlatch",
        ).split("\n");
        assert.deepEqual(more, []);
        assert.equal(git(world.cwd, "show", `${branch}:work.txt`), "Precious");
      },
    };
  },
});

function git(cwd: string, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=Tester", "-c", "user.email=tester@localhost"];
  return execFileSync("git", [...identity, ...args], {
    cwd,
    env: userEnv(),
    encoding: "utf8",
    stdio: "pipe",
  }).trim();
}

function makeRepository(cwd: string): void {
  git(cwd, "init", "--quiet", "--initial-branch=main");
  git(cwd, "add", ".");
  git(cwd, "commit", "--quiet", "-m", "First");
}
