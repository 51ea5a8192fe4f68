import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { SandboxView } from "../../shared/model/sandbox.ts";
import type { SessionView } from "../../shared/model/session.ts";
import { runCli } from "../support/cli.ts";
import { connectTo } from "../support/daemon.ts";
import { createHome } from "../support/home.ts";
import { assertNoneLeft } from "../support/leaks.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { openCase } from "./cases/open-case.ts";

interface Overview {
  readonly sessions: readonly SessionView[];
  readonly here: SandboxView | null;
}

test("without a word it shows this project and what to do next, and starts no daemon for it", async (context) => {
  const home = createHome(context);
  const alone = await runCli([], { home });
  assert.equal(alone.code, 0, alone.stderr);
  assert.match(alone.stdout, /No daemon runs.*^devlatch start +start all that belongs together/ms);
  await assertNoneLeft({ DEVLATCH_HOME: home.directory });

  const project = await openCase(context, "several-parts", { ports: [42_811, 42_812, 42_813, 42_814] });
  await project.json("start", "docs");
  const elsewhere = await openCase(context, "12-adopt-plain", { ports: [42_712] });
  const { stdout } = await runCli(["--cwd", project.cwd], { home: project.home });
  assert.match(stdout, /^ {2}docs +ready .*Can be started here.*^web +node server\.js web/ms);
  assert.match(stdout, /^schema +node migrate\.js +\(task\)/m);
  assert.match(stdout, /^ {2}db +external · (?:no answer|answers) on \d+$/m);
  const other = await runCli(["--json", "--cwd", elsewhere.cwd], { home: project.home });
  const { sessions, here } = other.json as Overview;
  assert.deepEqual(sessions, [], "what another project has is not its own");
  assert.deepEqual(
    here?.apps.map(({ app }) => app),
    ["web"],
  );
});

test("an app's page is opened in the browser, and told where there is none", async (context) => {
  const project = await openCase(context, "several-parts", { ports: [42_811, 42_812, 42_813, 42_814] });
  const programs = join(project.cwd, "programs");
  const opened = join(project.cwd, "opened.txt");
  mkdirSync(programs);
  writeFileSync(join(programs, "xdg-open"), `#!/bin/sh\necho "$1" > "${opened}"\n`, { mode: 0o755 });
  const browser = {
    home: project.home,
    cwd: project.cwd,
    env: { PATH: `${programs}:${process.env["PATH"]}` },
  };
  const url = `http://localhost:${project.ports[2]}`;
  const shown = await runCli(["open", "docs"], browser);
  assert.equal(shown.stdout, `Opened ${url}\n`, shown.stderr);
  await waitFor("the browser", () => readFileSync(opened, "utf8") === `${url}\n`);

  const without = { ...browser, env: { PATH: join(project.cwd, "nothing") } };
  const told = await runCli(["open", "docs"], without);
  assert.equal(told.stdout, `No browser can be opened from here. docs is at ${url}\n`, told.stderr);
  const { outcome } = await project.json<Answer>("start", "docs");
  assert.equal(outcome, "reused");
});

test("whether what runs elsewhere is there is seen when it is asked for, and nothing is sent to it", async (t) => {
  const home = createHome(t);
  const cwd = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-external-"));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  let received = 0;
  const server = createServer((socket) => socket.on("data", ({ length }) => (received += length)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const { port: tcp } = server.address() as AddressInfo;
  writeFileSync(join(cwd, "devlatch.json"), JSON.stringify({ apps: { db: { external: { tcp } } } }));
  assert.equal((await runCli(["daemon", "start"], { home })).code, 0);
  const status = () => runCli(["status", "--cwd", cwd], { home });
  assert.match((await status()).stdout, new RegExp(`^ {2}db {2}external · answers on ${tcp}$`, "m"));
  const { json } = await runCli(["status", "--cwd", cwd, "--json"], { home });
  assert.deepEqual((json as { externals: unknown }).externals, [{ app: "db", answers: true }]);
  await new Promise((resolve) => server.close(resolve));
  assert.match((await status()).stdout, new RegExp(`^ {2}db {2}external · no answer on ${tcp}$`, "m"));
  assert.equal(received, 0);

  const window = await connectTo(home, { kind: "window", trusted: false });
  t.after(() => window.dispose());
  await assert.rejects(window.request("project/externals", { cwd }), { code: "UNTRUSTED_WORKSPACE" });
});
