import assert from "node:assert/strict";
import { chownSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";

const skip = process.getuid?.() === 0 ? false : "only root can give files to other users";
/** A user that owns nothing else here. */
const mallory = 4711;

/** Serves, and leaves a mark that it ran. */
const serverOf = (mark: string) => `
  require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");
  require("node:http").createServer((q, s) => s.end("ok")).listen(process.env.PORT, "127.0.0.1");
`;

/** A directory like the temporary one, with a server of another user in it, and one of ours below. */
async function shared(t: TestContext) {
  const top = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-above-"));
  t.after(() => rmSync(top, { recursive: true, force: true }));
  const mine = join(top, "mine");
  const [theirMark, myMark] = [join(top, "theirs.ran"), join(mine, "mine.ran")];
  mkdirSync(mine);
  const home = createHome(t);
  const port = await freePort();
  const write = (path: string, content: unknown) => {
    writeFileSync(join(top, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  write("theirs.js", serverOf(theirMark));
  write("mine/mine.js", serverOf(myMark));
  const give = (...paths: string[]) => {
    for (const path of paths) chownSync(join(top, path), mallory, mallory);
  };
  const start = (...args: string[]) => runCli(["start", "web", ...args], { home, cwd: mine });
  return { top, mine, home, port, write, give, start, theirMark, myMark };
}

const configuration = (port: number) => ({ apps: { web: { command: "node theirs.js", port } } });

describe("what another user put above a project", { skip }, () => {
  it("isn't executed by a start: a devlatch.json; one line says so and how to allow it", async (t) => {
    const { top, home, port, write, give, start, theirMark } = await shared(t);
    write("devlatch.json", configuration(port));
    give("devlatch.json", "theirs.js");
    const refused = await start();
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(
      refused.stderr,
      new RegExp(
        `${top}/devlatch\\.json is ignored: it belongs to another user \\(uid ${mallory}\\)\\. If you trust it, add the line ${top} to ${home.directory}/trusted-directories\\.`,
      ),
    );
    assert.ok(!existsSync(theirMark), "it ran");
    writeFileSync(join(home.directory, "trusted-directories"), `${top}\n`);
    const allowed = await start();
    assert.equal(allowed.code, 0, allowed.stderr);
    assert.ok(existsSync(theirMark), "what was allowed runs");
  });

  it("isn't executed by a start: the scripts of a package.json, alone and as a workspace", async (t) => {
    const { port, write, give, start, theirMark } = await shared(t);
    write("package.json", { scripts: { dev: `PORT=${port} node theirs.js` }, workspaces: ["*"] });
    give("package.json", "theirs.js");
    const refused = await start();
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /package\.json is ignored: it belongs to another user/);
    assert.ok(!existsSync(theirMark), "it ran");
  });

  it("keeps no server of ours from starting, and the line is shown beside it", async (t) => {
    const { port, write, give, start, theirMark, myMark } = await shared(t);
    write("devlatch.json", configuration(port));
    write("package.json", { scripts: { dev: "node theirs.js" } });
    write("mine/package.json", { scripts: { dev: "node mine.js" } });
    give("devlatch.json", "package.json", "theirs.js");
    const started = await start("--port", `${port}`);
    assert.equal(started.code, 0, started.stderr);
    assert.match(started.stderr, /devlatch\.json is ignored: it belongs to another user/);
    assert.ok(existsSync(myMark) && !existsSync(theirMark));
  });

  it("is told by the doctor", async (t) => {
    const { mine, home, port, write, give } = await shared(t);
    write("devlatch.json", configuration(port));
    give("devlatch.json");
    await runCli(["daemon", "start"], { home, cwd: mine });
    const found = await runCli(["doctor"], { home, cwd: mine });
    assert.match(found.stdout, /devlatch\.json is ignored: it belongs to another user/);
  });
});

it("root works in a checkout of another user, from any directory in it", { skip }, async (t) => {
  const { top, mine, home, port, write, give } = await shared(t);
  mkdirSync(join(top, ".git"));
  write("devlatch.json", configuration(port));
  give("", ".git", "devlatch.json", "theirs.js", "mine");
  const started = await runCli(["start", "web"], { home, cwd: mine });
  assert.equal(started.code, 0, started.stderr);
  assert.doesNotMatch(started.stderr, /ignored/);
});
