import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { startProgram } from "../../support/child.ts";
import { runJson } from "../../support/json.ts";
import { freePort } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import { ctrlC } from "../desk.ts";
import { liveLaunches } from "../launches.ts";
import { listening, Script, serverProgram, signalGroup } from "./script.ts";

const talkative = serverProgram("talkative.mjs");

test("in a workspace the script of each package is that package's own server", async (t) => {
  const script = await Script.open(t);
  rmSync(join(script.cwd, "devlatch.json"));
  script.write("package.json", { name: "shop", private: true, workspaces: ["apps/*"] });
  for (const name of ["site", "admin"]) {
    mkdirSync(join(script.cwd, "apps", name), { recursive: true });
    script.write(`apps/${name}/package.json`, { name, scripts: { dev: `devlatch dev -- ${talkative}` } });
  }
  const run = async (name: string) =>
    script.pipe(`npm run dev -w apps/${name}`, { PORT: String(await freePort()) });
  const [site, admin] = [await run("site"), await run("admin")];
  for (const one of [site, admin]) await one.printed(listening);
  const again = await run("site");
  assert.match((await again.printed(/devlatch: joined \w+/))[0], /site/);
  const { sessions } = await runJson<StatusResult>(["status"], { home: script.home });
  assert.deepEqual(sessions.map(({ app }) => app).sort(), ["admin", "site"]);
  assert.equal(liveLaunches(script.home).size, 2);
  for (const one of [site, admin, again]) signalGroup(one, "SIGTERM");
  for (const one of [site, admin, again]) await one.finished();
  assert.equal(liveLaunches(script.home).size, 0);
});

test("a server that was started by hand is joined and left, never ended", async (t) => {
  const script = await Script.open(t);
  const env = script.home.env({ PORT: String(script.port) });
  const [node = "", ...args] = talkative.split(" ");
  const byHand = await startProgram(node, args, { cwd: script.cwd, env });
  t.after(() => byHand.process.kill("SIGKILL"));
  await byHand.printed(listening);
  const joined = await script.pipe(`exec devlatch dev -- ${talkative}`);
  await joined.printed(
    /devlatch: joined web, which runs at .*it was started by hand, so its output is there/,
  );
  signalGroup(joined, "SIGTERM");
  const { code, stderr } = await joined.finished();
  assert.match(stderr, /devlatch: left web, which was started by hand and runs on/);
  assert.equal(code, 143);
  assert.ok(await script.isUp());

  const second = await script.pipe();
  // The daemon knows it by now.
  await second.printed(/devlatch: joined web, which runs at .*it was started by hand/);
  byHand.process.kill("SIGTERM");
  assert.equal((await second.finished()).code, 0, "it ends with the server");
});

/** A shell with job control, which `sh -c` has not. */
const interactive = (script: Script, then: string) =>
  script.terminal(`bash --norc --noprofile -i -c '${then}'`);

test("Ctrl-Z suspends the script alone, and fg brings it back; the server runs on", async (t) => {
  const script = await Script.open(t);
  const terminal = interactive(script, "set -m; npm run dev; echo suspended; fg; echo over");
  await terminal.shows("Listening");
  terminal.type("\u001a");
  await terminal.shows("suspended");
  await waitFor("the server to answer", () => script.get("/say/meanwhile").catch(() => undefined));
  await terminal.shows("meanwhile");
  await script.get("/say/again");
  await terminal.shows("again");
  terminal.type(ctrlC);
  await terminal.shows("devlatch: web was stopped");
  await terminal.ended();
});

test("in a shell's background it shows the output and isn't stopped for the keys", async (t) => {
  const script = await Script.open(t);
  const terminal = interactive(script, "set -m; npm run dev & read line; kill %1; wait; echo over");
  await terminal.shows("Listening");
  await script.get("/say/still");
  await terminal.shows("still");
  terminal.type("\r");
  await terminal.shows("over");
  await script.isDown();
});
