import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeRepository } from "../../integration/sandboxes/repository.ts";
import { leftToCampaign } from "../../support/campaign.ts";
import { runCli } from "../../support/cli.ts";
import { createHome } from "../../support/home.ts";
import { runJson } from "../../support/json.ts";
import { freePort } from "../../support/ports.ts";
import type { DoctorResult } from "./examined.ts";

test("on a busy, healthy system the doctor finds nothing", {
  skip: leftToCampaign,
  timeout: 600_000,
}, async (t) => {
  const home = createHome(t);
  const names = ["web", "api", "docs"];
  const server = `import { createServer } from "node:http";
    createServer((_, response) => response.end("ours")).listen(Number(process.env.PORT), "127.0.0.1");`;
  const apps: Record<string, object> = {};
  for (const name of names) apps[name] = { command: ["node", "server.js"], port: await freePort() };
  const repository = await makeRepository(t, { apps }, { "server.js": server });
  const cwd = repository.path;
  const cli = (...args: string[]) => runCli([...args, "--cwd", cwd, "--json"], { home });
  await cli("daemon", "start");

  let over = false;
  const again = async (work: () => Promise<void>) => {
    while (!over) await work();
  };
  let done = 0;
  const startAndStop = (app: string) =>
    again(async () => {
      for (const verb of ["start", "restart", "stop"]) {
        const { code, stdout } = await cli(verb, app);
        assert.equal(code, 0, stdout);
        done++;
      }
    });
  const run = () => again(async () => assert.equal((await cli("run", "build", "--", "true")).code, 0));
  const claimAndRelease = () =>
    again(async () => {
      const { path } = await runJson<{ path: string }>(["sandbox", "claim", "--cwd", cwd], { home });
      writeFileSync(join(path, "work.txt"), "Work\n");
      await runJson(["sandbox", "release", "--discard", "--cwd", path], { home });
      done++;
    });
  const work = Promise.all([...names.map(startAndStop), run(), claimAndRelease()]);
  try {
    for (let look = 0; look < 8; look++) {
      const { findings } = (await cli("doctor")).json as DoctorResult;
      const leftovers = findings.filter(({ fix, check }) => fix || check === "leftovers");
      assert.deepEqual(
        leftovers.map(({ summary }) => summary),
        ["Nothing is left over"],
        `look ${look}`,
      );
    }
  } finally {
    over = true;
    await work;
  }
  assert.ok(done > 10, `${done} starts, stops and claims meanwhile`);
});
