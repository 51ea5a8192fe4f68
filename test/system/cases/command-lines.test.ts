import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { leftToCampaign } from "../../support/campaign.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import type { Answer } from "../answer.ts";
import { liveLaunches } from "../launches.ts";
import { type OpenCase, openCase } from "./open-case.ts";

interface Detected {
  readonly devServer: boolean;
  readonly framework?: string;
  readonly port?: number;
}

const detect = (opened: OpenCase, ...command: string[]) => opened.json<Detected>("detect", "--", ...command);

async function assertServes({ url }: Answer): Promise<void> {
  assert.match(await (await fetch(url)).text(), /\/@vite\/client/);
}

/** It is started, and stopping it leaves nothing. */
async function assertRuns(opened: OpenCase, port: number): Promise<void> {
  const started = await opened.json<Answer>("start", "web");
  assert.deepEqual([started.outcome, started.port], ["started", port]);
  await assertServes(started);
  await opened.json("stop", "web");
  assert.ok(await isPortFree(port));
  assert.equal(liveLaunches(opened.home).size, 0);
}

// Agents and careful people put a file of variables, a bound of time or a block of the shell around a dev server.
test("the words behind what is put around a server are its own", async (context) => {
  for (const [name, port] of [
    ["04-set-port", 42_104],
    ["05-timeout", 42_105],
    ["05b-shellblock", 42_106],
  ] as const) {
    const opened = await openCase(context, name, { ports: [port], modules: "vite" });
    const { framework, port: detected } = await detect(opened, "npm", "run", "dev");
    assert.deepEqual([framework, detected], ["vite", opened.ports[0]], name);
  }
});

test("a server behind dotenv's choice of files is started and stopped as without", {
  skip: leftToCampaign,
}, async (context) => {
  const opened = await openCase(context, "03-dotenv-c", { ports: [42_103] });
  await assertRuns(opened, opened.ports[0] ?? 0);
});

test("a loop and a bound that start the server again and again end with it", async (context) => {
  const opened = await openCase(context, "05b-shellblock", { ports: [42_106], modules: "vite" });
  const [port = 0] = opened.ports;
  const dev = `while true; do timeout 300 vite --port ${port}; done`;
  await opened.write("package.json", JSON.stringify({ private: true, scripts: { dev } }));
  await assertRuns(opened, port);
});

// Windows' shell takes a variable up to the "&&", with no space before it.
test("a variable that Windows' shell sets is the port within a command for that shell", async (context) => {
  const opened = await openCase(context, "04-set-port", { modules: "vite" });
  for (const [line, port] of [
    ['cmd /c "set PORT=4105&& next dev"', 4105],
    ['cmd.exe /d /s /c "set PORT=4106&& node server.js"', 4106],
  ] as const) {
    await opened.write("package.json", JSON.stringify({ scripts: { dev: line } }));
    assert.equal((await detect(opened, "npm", "run", "dev")).port, port, line);
  }
});

// pnpm hands "--" on, as npm doesn't, and Vite drops what follows it: the port is the one without those words.
test("what Vite drops behind pnpm's dashes isn't its port; what Devlatch is asked for reaches it", {
  skip: leftToCampaign,
}, async (context) => {
  const opened = await openCase(context, "01-pnpm-dashes");
  const [own, dropped] = [await freePort(), await freePort()];
  await opened.write("vite.config.js", `export default { server: { port: ${own} } };\n`);
  const pnpm = join(opened.cwd, "node_modules/.bin/pnpm");
  const words = ["dev", "--", "--port", `${dropped}`];
  assert.equal((await detect(opened, "pnpm", ...words)).port, own);
  assert.equal((await detect(opened, "npm", "run", ...words)).port, dropped, "npm takes the dashes away");

  const started = await opened.json<Answer>("start", "web", "--", pnpm, ...words);
  assert.equal(started.port, own);
  await assertServes(started);
  assert.ok(await isPortFree(dropped));
  await opened.json("stop", "web");

  const wished = await opened.json<Answer>("start", "web", "--port", `${dropped}`, "--", pnpm, "dev");
  assert.equal(wished.port, dropped);
  await assertServes(wished);
});
