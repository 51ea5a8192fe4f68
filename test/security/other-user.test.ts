import assert from "node:assert/strict";
import { chownSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { occupyPort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";

/** A user without rights and without files; on Debian it is called nobody. */
const stranger = 65_534;
const skip = process.getuid?.() !== 0 && "becoming another user takes root";

/** The command line of another user, with a home and a project of their own. */
async function asStranger(t: TestContext, port: number) {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  writeFileSync(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: { port } } }));
  for (const place of [home.directory, dirname(cwd), cwd]) chownSync(place, stranger, stranger);
  const env = { HOME: cwd };
  return (...args: string[]) => runCli([...args, "--json"], { home, cwd, env, id: stranger });
}

test("a listener of another user is called that, is never taken for none, and is never ended", {
  skip,
}, async (t) => {
  const { port, release } = await occupyPort();
  t.after(release);
  const cli = await asStranger(t, port);

  const seen = await cli("port", String(port));
  assert.equal(seen.code, 0, seen.stdout + seen.stderr);
  const { listeners, hidden } = seen.json as { listeners: unknown[]; hidden: { user: string }[] };
  assert.deepEqual([listeners, hidden.map(({ user }) => user)], [[], ["root"]]);

  for (const args of [
    ["port", String(port), "--free", "--yes"],
    ["start", "web"],
  ]) {
    const refused = await cli(...args);
    const { error } = refused.json as { error: { code: string; message: string; remedy: string } };
    assert.equal(error.code, "PORT_CONFLICT", refused.stdout);
    assert.match(error.message, /is used by a process of the user root that can't be seen from here/);
    assert.match(error.remedy, /sudo devlatch port/);
  }
  const socket = connect(port, "127.0.0.1");
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.destroy();
});
