import assert from "node:assert/strict";
import { test } from "node:test";
import type { BuildWaitResult } from "../../../shared/protocol/builds.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { isPortFree } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { liveLaunches } from "../launches.ts";
import { type OpenCase, openCase } from "./open-case.ts";

async function stateOf(opened: OpenCase): Promise<string | undefined> {
  const { sessions } = await opened.json<StatusResult>("status");
  return sessions[0]?.state.kind;
}

const reaches = (opened: OpenCase, kind: string) =>
  waitFor(`the server to be ${kind}`, async () => (await stateOf(opened)) === kind);

interface Watched {
  readonly name: string;
  /** The port in its files. */
  readonly port: number;
  /** What takes the place of its script. */
  readonly dev?: string;
}

const watched: readonly Watched[] = [
  { name: "13-nodemon", port: 42_130 },
  { name: "p16-start-after-crash-kills-watcher", port: 3000 },
  { name: "p16-start-after-crash-kills-watcher", port: 3000, dev: "tsx watch server.js" },
];

const boom = 'throw new Error("boom");\n';

// A start that came after the crash waited for an answer that couldn't come, and then ended the watcher.
for (const { name, port, dev } of watched) {
  const by = dev === undefined ? name : `${name}, ${dev}`;
  test(`a server that crashed under its watcher is said to have, and no start ends it (${by})`, async (context) => {
    const opened = await openCase(context, name, { ports: [port], modules: "watchers" });
    const [own = 0] = opened.ports;
    await opened.write("devlatch.json", JSON.stringify({ apps: { web: { port: own } } }));
    if (dev !== undefined) await opened.write("package.json", JSON.stringify({ scripts: { dev } }));
    const good = opened.read("server.js").replace(/^throw .*$/m, "");
    await opened.write("server.js", good);
    const first = await opened.json<Answer>("start", "web");
    assert.equal(first.port, own);
    const launches = liveLaunches(opened.home);

    await opened.write("server.js", `${good}${boom}`);
    const line = `${good}${boom}`.split("\n").findIndex((one) => one.startsWith("throw")) + 1;
    await reaches(opened, "crashed");
    assert.match((await opened.run("status")).stdout, /\bweb +crashed\b/);
    const refused = await opened.refused(1, "start", "web", "--timeout", "30");
    assert.equal(refused.code, "SERVER_CRASHED");
    assert.match(refused.message, new RegExp(`server\\.js:${line}:\\d+: Error: boom`));
    const { code, json } = await opened.run("wait", "web", "--json");
    const { errors } = json as BuildWaitResult;
    assert.deepEqual([code, errors[0]?.place?.line], [1, line], JSON.stringify(errors));
    assert.deepEqual(liveLaunches(opened.home), launches, "the watcher lives");

    await opened.write("server.js", good.replace(/end\(.\w+.\)/, 'end("mended")'));
    await reaches(opened, "ready");
    assert.equal(await (await fetch(first.url)).text(), "mended");
    assert.equal((await opened.json<Answer>("start", "web")).outcome, "reused");
    await opened.json("stop", "web");
    assert.ok(await isPortFree(own));
    assert.equal(liveLaunches(opened.home).size, 0);
  });
}

test("a watched server that heeds no signal is gone after a stop, and so is its watcher", async (context) => {
  const opened = await openCase(context, "13-nodemon", { ports: [42_131], modules: "watchers" });
  const [own = 0] = opened.ports;
  const started = await opened.json<Answer>("start", "web", "--", "npm", "run", "dev:ignore");
  assert.equal(started.port, own);
  // Nodemon waits for the old one's end before it begins another.
  await opened.write("stubborn.js", `${opened.read("stubborn.js")}// changed\n`);
  const stopped = await opened.json<{ outcome: string; survivors: unknown[] }>("stop", "web");
  assert.deepEqual([stopped.outcome, stopped.survivors], ["stopped", []]);
  assert.ok(await isPortFree(own));
  assert.equal(liveLaunches(opened.home).size, 0);
});
