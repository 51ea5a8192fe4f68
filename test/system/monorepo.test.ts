import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { SandboxView } from "../../shared/model/sandbox.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { prepareCase, prepareProject } from "../support/projects.ts";
import type { Answer } from "./answer.ts";

test("two packages that could both be web run side by side, each meant by its name and from within", async (context) => {
  const root = await prepareCase("p04-two-web-apps", context);
  const options = { home: createHome(context) };
  const inside = join(root, "apps/nextjs");
  const ask = (...words: string[]) => runCli([...words, "--json", "--cwd", root], options);
  const start = async (cwd: string, app: string) => {
    const port = String(await freePort());
    return runJson<Answer>(["start", app, "--port", port, "--cwd", cwd], options);
  };

  const unclear = await ask("start", "web");
  assert.equal(unclear.code, 2, unclear.stdout);
  assert.match(unclear.stdout, /devlatch start nextjs, devlatch start start/);

  const next = await start(inside, "web");
  assert.deepEqual([next.outcome, next.session], ["started", "dev_server_nextjs"]);
  assert.equal(await (await fetch(next.url)).text(), "nextjs");
  for (const [cwd, app] of [
    [root, "web"],
    [root, "nextjs"],
    [inside, "nextjs"],
    [join(root, "apps/start"), "nextjs"],
  ] as const) {
    const again = await runJson<Answer>(["start", app, "--port", String(next.port), "--cwd", cwd], options);
    assert.deepEqual([again.outcome, again.pid], ["reused", next.pid], `${app} from ${cwd}`);
  }

  const other = await start(root, "start");
  assert.deepEqual([other.outcome, other.session], ["started", "dev_server_start"]);
  assert.equal(await (await fetch(other.url)).text(), "start");
  const both = await ask("stop", "web");
  assert.equal(both.code, 2, both.stdout);
  assert.match(both.stdout, /nextjs, start/);

  const unknown = await ask("start", "docs");
  assert.equal(unknown.code, 2, unknown.stdout);
  assert.match(unknown.stdout, /Found here: nextjs, start\./);

  const { sessions, here } = await runJson<StatusResult & { here: SandboxView }>(
    ["status", "--cwd", root],
    options,
  );
  const bare = await runJson<SandboxView>(["detect", "--cwd", inside], options);
  for (const { apps } of [here, bare])
    assert.deepEqual(
      apps.map(({ app, cwd }) => [app, cwd]),
      [
        ["nextjs", inside],
        ["start", join(root, "apps/start")],
      ],
    );
  assert.deepEqual(sessions.map(({ app, state }) => `${app} ${state.kind}`).sort(), [
    "nextjs ready",
    "start ready",
  ]);
  await runJson(["stop", "web", "--yes", "--cwd", inside], options);
  assert.equal(await fetch(next.url).catch(() => "gone"), "gone");
  assert.equal(await (await fetch(other.url)).text(), "start", "the other one isn't touched");
  await runJson(["logs", "nextjs", "--cwd", root], options);
  await runJson(["stop", "start", "--yes", "--cwd", root], options);
});

test("one server is the same by the root's script and by its package's own", async (context) => {
  const root = await prepareCase("p04-two-web-apps", context);
  const options = { home: createHome(context) };
  const scripts = { dev: "npm run dev -w @acme/nextjs" };
  await writeFile(join(root, "package.json"), JSON.stringify({ workspaces: ["apps/*"], scripts }));
  const start = (cwd: string, ...more: string[]) =>
    runJson<Answer>(["start", "web", ...more, "--cwd", cwd], options);

  const first = await start(root, "--port", String(await freePort()));
  assert.deepEqual([first.outcome, first.session], ["started", "dev_server_web"]);
  const inside = await start(join(root, "apps/nextjs"));
  assert.deepEqual([inside.outcome, inside.pid], ["reused", first.pid]);
  const beside = await start(join(root, "apps/start"), "--port", String(await freePort()));
  assert.deepEqual([beside.outcome, beside.session], ["started", "dev_server_start"]);
});

test("without a name the only app there is is meant; where one is wanted of several, each is named with its command", async (context) => {
  const root = await prepareCase("p04-two-web-apps", context);
  const options = { home: createHome(context) };
  const ask = (cwd: string, ...words: string[]) => runCli([...words, "--json", "--cwd", cwd], options);
  const unclear = await ask(root, "attach");
  assert.equal(unclear.code, 2, unclear.stdout);
  assert.match(unclear.stdout, /Which app do you mean\? Here there are nextjs, start\./);
  assert.match(unclear.stdout, /devlatch attach nextjs, devlatch attach start/);

  const port = String(await freePort());
  const started = await runJson<Answer>(["start", "start", "--port", port, "--cwd", root], options);
  assert.match(
    (await runCli(["logs", "--cwd", root], options)).stdout,
    /node server\.js/,
    "the only one that runs",
  );
  const [stopped] = await runJson<Answer[]>(["stop", "--cwd", root], options);
  assert.equal(stopped?.outcome, "stopped");
  assert.equal(started.outcome, "started");
  assert.deepEqual(await runJson<Answer[]>(["stop", "--cwd", root], options), [], "none runs");

  const alone = await prepareProject("plain", context);
  const [only] = await runJson<Answer[]>(["start", "--port", port, "--cwd", alone], options);
  assert.deepEqual([only?.outcome, only?.session], ["started", "dev_server_web"]);
  const empty = await ask(dirname(alone), "start");
  assert.equal(empty.code, 2);
  assert.match(empty.stdout, /There is no app \\"web\\" here/);
});
