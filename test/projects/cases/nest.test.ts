import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareCase } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";

// A package without `dev` was no app, and what was proposed is a script that it hasn't: a developer's is `start:dev`.
test("Nest's watching script is run where there is none called dev", async (context) => {
  const cwd = await prepareCase("p13-nest", context);
  const port = await freePort();
  const developer = new Developer(createHome(context), cwd, { PORT: String(port) });
  assert.equal((await developer.start("web")).port, port);
  assert.match(await developer.logs("web"), /> nest start --watch/);
  await developer.stopsWhole("web", port);
});

// The program behind the watcher may crash while the compiler is content: that was clean, and ready.
test("Nest: a program that crashes under its watcher is no clean build and not ready, until it is mended", async (context) => {
  const cwd = await prepareCase("p13-nest", context);
  const port = await freePort();
  const developer = new Developer(createHome(context), cwd, { PORT: String(port) });
  developer.put("devlatch.json", JSON.stringify({ apps: { web: { command: "npm run start:dev" } } }));
  const started = await developer.start("web");
  assert.equal(await (await fetch(started.url)).text(), "hello");
  assert.equal((await developer.wait("web")).status, "clean");

  const main = readFileSync(join(cwd, "src/main.ts"), "utf8");
  const stateOf = async () => (await developer.asks<StatusResult>("status")).sessions[0]?.state.kind;
  developer.put("src/main.ts", main.replace("const app", 'throw new Error("no database");\nconst app'));
  const crashed = await developer.wait("web", "--visit", "/");
  assert.equal(crashed.code, 1, JSON.stringify(crashed));
  assert.match(crashed.first, /(?:src\/main\.ts|dist\/main\.js):\d+ .*no database/);
  await waitFor("the crash in the status", async () => (await stateOf()) === "crashed");
  const again = await developer.types("start", "web");
  assert.equal(again.code, 1, again.stdout + again.stderr);
  assert.match(again.stderr, /no database/);

  developer.put("src/main.ts", main.replace('"hello"', '"mended"'));
  assert.equal((await developer.wait("web")).status, "clean");
  await waitFor("the mended server", async () => (await stateOf()) === "ready");
  assert.equal(await (await fetch(started.url)).text(), "mended");
  developer.put("src/main.ts", `${main}const broken: string = 1;\n`);
  const mistyped = await developer.wait("web");
  assert.equal(mistyped.code, 1, JSON.stringify(mistyped));
  assert.match(mistyped.first, /src\/main\.ts:\d+ .*not assignable/);
  await developer.stopsWhole("web", port);
});
