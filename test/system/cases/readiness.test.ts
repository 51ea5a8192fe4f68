import assert from "node:assert/strict";
import { test } from "node:test";
import type { ThreadPage } from "../../../shared/model/thread.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { commandLine } from "../../support/cli.ts";
import { isPortFree } from "../../support/ports.ts";
import { openTerminal } from "../../support/terminal.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { liveLaunches } from "../launches.ts";
import { type OpenCase, openCase } from "./open-case.ts";

async function stateOf(opened: OpenCase) {
  const { sessions } = await opened.json<StatusResult>("status");
  return sessions[0]?.state;
}

// Nothing is written until the question is answered, and without a terminal no caller sees it.
test("a server that asks on its terminal is said to ask, soon, and is ready once it was answered there", async (context) => {
  const opened = await openCase(context, "21-prompt", { ports: [42_210] });
  const [own = 0] = opened.ports;
  const refused = await opened.refused(1, "start", "api", "--timeout", "30");
  assert.equal(refused.code, "INPUT_NEEDED");
  assert.match(refused.message, /asks on its terminal.*Would you like to share .*\(y\/N\)/);
  assert.match(refused.remedy, /devlatch attach api/);
  await waitFor("status to tell of the question", async () =>
    /\bapi +.*asks/.test((await opened.run("status")).stdout),
  );

  const attach = `'${process.execPath}' '${commandLine}' attach api --cwd '${opened.cwd}'`;
  const terminal = openTerminal(attach, { home: opened.home, owner: context });
  await terminal.shows("(y/N)");
  terminal.type("n\r");
  const ready = await opened.json<Answer>("start", "api");
  assert.deepEqual([ready.outcome, ready.port], ["reused", own]);
  assert.equal(await (await fetch(ready.url)).text(), "x");
  await opened.json("stop", "api", "--yes");
  assert.equal(liveLaunches(opened.home).size, 0);
});

// It listens and never speaks HTTP/1: what is missing is a word in its configuration.
for (const file of ["h2.js", "server.js"]) {
  test(`a server that speaks no HTTP/1 is told how to be recognised, and is ready with that (${file})`, async (context) => {
    const opened = await openCase(context, "51-not-http", { ports: [42_543] });
    const [port = 0] = opened.ports;
    const app = { command: `node ${file}`, port };
    const configure = (api: object) => opened.write("devlatch.json", JSON.stringify({ apps: { api } }));
    await configure(app);
    const refused = await opened.refused(5, "start", "api", "--timeout", "10");
    assert.equal(refused.code, "DEADLINE");
    assert.match(refused.message, new RegExp(`it listen\\w+ on port ${port}\\b`));
    assert.match(`${refused.message} ${refused.remedy}`, /"ready": \{"tcp": true\}/);
    await opened.json("stop", "api");
    assert.ok(await isPortFree(port));

    await configure({ ...app, ready: { tcp: true } });
    const ready = await opened.json<Answer>("start", "api");
    assert.deepEqual([ready.state, ready.port], ["ready", port]);
  });
}

// It migrates its database first and answers its health check with 503 until it has.
test("a server whose health check isn't answered well isn't ready, and a start that came too early ends nothing", async (context) => {
  const opened = await openCase(context, "54-health-503", { ports: [42_540] });
  const migrated = opened
    .read("server.js")
    .replace("Date.now() - t0 > 6000", 'require("fs").existsSync("migrated")');
  await opened.write("server.js", migrated);
  const early = await opened.refused(5, "start", "api", "--timeout", "10");
  assert.equal(early.code, "DEADLINE");
  assert.match(early.message, /didn't answer well at \/health \(503\)\. It goes on starting/);
  assert.equal((await stateOf(opened))?.kind, "starting");
  const launches = liveLaunches(opened.home);
  await opened.write("migrated", "");
  const ready = await opened.json<Answer>("start", "api");
  assert.equal((await fetch(new URL("/health", ready.url))).status, 200);
  assert.deepEqual(liveLaunches(opened.home), launches, "it is the same server");
});

// A first page that is compiled for a while: to ask again begins it anew.
test("a server whose first answer takes long is asked once, and ready when it answers", async (context) => {
  const opened = await openCase(context, "p05-first-answer-over-15s", { ports: [3000] });
  const [after, answer] = ["16000", "{ console.log('answered'); r.end('ok'); }"];
  const server = opened.read("server.js").replace("18000", after).replace("r.end('ok')", answer);
  await opened.write("server.js", server);
  const ready = await opened.json<Answer>("start", "web", "--timeout", "60");
  assert.equal(ready.port, opened.ports[0]);
  const { messages } = await opened.json<ThreadPage>("logs", "web", "--cursor", "0");
  const said = messages.flatMap(({ text }) => text.match(/ GET |^answered$/)?.[0].trim() ?? []);
  assert.deepEqual(said.slice(0, 2), ["GET", "answered"]);
});
