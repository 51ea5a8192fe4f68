import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { prepareProject } from "../support/projects.ts";

test("programs that a repository's own git configuration names run only once the user has agreed to just those", async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const ran = join(cwd, "..", "ran");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
      cwd,
      encoding: "utf8",
    });
  git("init", "--quiet");
  writeFileSync(join(cwd, ".gitattributes"), "*.txt filter=strange\n");
  writeFileSync(join(cwd, "a.txt"), "a\n");
  git("add", ".");
  git("commit", "--quiet", "--message", "first");
  git("config", "filter.strange.smudge", `sh -c 'echo ran >> ${ran}; cat'`);
  const claim = (...args: string[]) => runCli(["sandbox", "claim", ...args, "--json"], { home, cwd });
  const refused = async () => {
    const { code, json } = await claim();
    const { error } = json as { error?: { code: string; message: string } };
    assert.notEqual(code, 0, JSON.stringify(json));
    assert.equal(error?.code, "CONSENT_REQUIRED");
    assert.match(error?.message ?? "", /filter\.strange\.smudge = sh -c/);
    assert.ok(!existsSync(ran));
  };

  await refused();
  const agreed = await claim("--yes");
  assert.equal(agreed.code, 0, agreed.stdout);
  assert.ok(existsSync(ran), "what was agreed to runs");
  const again = await claim();
  assert.equal(again.code, 0, again.stdout);
  rmSync(ran);
  git("config", "filter.strange.smudge", `sh -c 'echo other >> ${ran}; cat'`);
  await refused();
});
