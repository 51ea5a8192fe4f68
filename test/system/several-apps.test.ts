import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { startCli } from "../support/cli.ts";
import { Developer } from "../support/developer.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { openCase } from "./cases/open-case.ts";
import { liveLaunches } from "./launches.ts";
import { openProject, type Part, running } from "./several-parts.ts";

test("one word starts what belongs together, each after what it depends on, and one stops it", async (context) => {
  const project = await openProject(context);
  await project.startDatabase();
  const [web = 0, api = 0, docs = 0, db = 0] = project.ports;
  const started = await project.json<Part[]>("start");
  assert.deepEqual(
    started.map(({ app, outcome, port }) => [app, outcome, port]),
    [
      ["docs", "started", docs],
      ["db", "external", db],
      ["schema", "done", null],
      ["api", "started", api],
      ["web", "started", web],
    ],
  );
  const { stdout } = await project.run("logs");
  assert.match(
    stdout,
    new RegExp(`web +│ web sees \\{"API":"http://localhost:${api}","DATABASE":"shop_sb_[0-9a-f]{16}",`),
  );
  assert.match(
    stdout,
    new RegExp(`"DEVLATCH_URL_API":"http://localhost:${api}","HOME_DIRECTORY":"\\$\\{HOME\\}"`),
  );
  assert.match(stdout, new RegExp(`api +│ api sees \\{"DB":"localhost:${db}"`));
  const again = await project.json<Part[]>("start");
  assert.deepEqual(
    new Set(again.map(({ outcome }) => outcome)),
    new Set(["reused", "external", "unchanged"]),
  );

  const restarted = await project.json<Part[]>("restart", "web", "api");
  assert.deepEqual(
    restarted.map(({ app, outcome }) => [app, outcome]),
    [
      ["api", "started"],
      ["web", "started"],
    ],
    "what is used first",
  );
  const stopped = await project.json<Part[]>("stop");
  assert.deepEqual(
    new Set(stopped.map(({ app, outcome }) => `${app} ${outcome}`)),
    new Set(["web stopped", "api stopped", "docs stopped"]),
  );
  const places = stopped.map(({ app }) => app);
  assert.ok(places.indexOf("web") < places.indexOf("api"), "the one that uses the other first");
  assert.match((await project.run("stop")).stdout, /No server of this project runs/);
  assert.match((await project.run("stop", "db")).stderr, /db runs elsewhere .*neither starts nor ends it/);
  assert.equal(liveLaunches(project.home).size, 0);
});

test("what can't start takes the others not down, and says what it waited for", async (context) => {
  const project = await openProject(context);
  const { code, json, stdout, stderr } = await project.run("start", "--timeout", "5", "--json");
  assert.equal(code, 1, stdout + stderr);
  const by = new Map((json as Part[]).map((one) => [one.app, one]));
  assert.equal(by.get("docs")?.outcome, "started");
  assert.match(
    by.get("web")?.error?.message ?? "",
    /^web was not started, for it depends on api: api was not started, for it depends on schema: schema was not started, for it depends on db: db accepts no connection at localhost:\d+\./,
  );
  assert.equal(by.get("db")?.error?.code, "DEADLINE");
  assert.deepEqual(await running(project), ["docs"]);

  await project.startDatabase();
  assert.equal((await project.json<Part>("start", "web")).outcome, "started", "with what it depends on");
  assert.deepEqual(await running(project), ["api", "docs", "web"]);
});

test("one name of several that is nothing, or a wish for one app alone, and nothing is started", async (context) => {
  const project = await openProject(context);
  const rows = [
    ["UNKNOWN_APP", /no app "wbe" here/, ["start", "docs", "wbe"]],
    ["UNKNOWN_APP", /Did you mean web\?/, ["stop", "wbe"]],
    ["UNKNOWN_APP", /Did you mean docs\?/, ["stop", "web", "dcs"]],
    ["UNKNOWN_APP", /no app "wbe" here/, ["logs", "wbe"]],
    ["UNKNOWN_APP", /no app "wbe" here/, ["wait", "wbe"]],
    [
      "UNKNOWN_APP",
      /goes after --: devlatch start docs -- npm run dev/,
      ["start", "docs", "npm", "run", "dev"],
    ],
    ["INVALID_INPUT", /--port is one app's port/, ["start", "docs", "web", "--port", "4000"]],
    ["INVALID_INPUT", /command after -- is one app's/, ["start", "docs", "web", "--", "node", "x.js"]],
    ["INVALID_INPUT", /--since is a message of one app/, ["wait", "docs", "web", "--since", "3"]],
    ["INVALID_INPUT", /places in one app's output/, ["logs", "docs", "web", "--before", "3"]],
    ["INVALID_INPUT", /is not valid/, ["start", "docs", "We b"]],
  ] as const;
  for (const [code, said, words] of rows) {
    const refused = await project.refused(2, ...words);
    assert.equal(refused.code, code, words.join(" "));
    assert.match(`${refused.message} ${refused.remedy}`, said);
  }
  assert.equal(liveLaunches(project.home).size, 0);
});

test("configuration that can't hold is refused before anything is started", async (context) => {
  const project = await openProject(context);
  const whole = project.read("devlatch.json");
  const rows = [
    ['["schema"]', '["web"]', /apps wait for each other in a circle: web → api → web/],
    ['["schema"]', '["api"]', /apps\.api depends on itself/],
    [
      `"port": ${project.ports[1]}`,
      `"port": ${project.ports[0]}`,
      /(web and api|api and web) both want port/,
    ],
  ] as const;
  for (const [before, after, said] of rows) {
    await project.write("devlatch.json", whole.replace(before, after));
    const refused = await project.refused(2, "start");
    assert.equal(refused.code, "CONFIG_INVALID");
    assert.match(refused.message, said);
  }
  await project.startDatabase();
  // Two names for one thing that runs elsewhere are no conflict.
  await project.write(
    "devlatch.json",
    whole.replace('"db": {', `"other": { "external": { "tcp": ${project.ports[3]} } },\n    "db": {`),
  );
  const both = await project.json<Part[]>("start", "db", "other");
  assert.deepEqual(new Set(both.map(({ outcome }) => outcome)), new Set(["external"]));
  await project.write("devlatch.json", whole.replace("{url:api}", "{url:ap}"));
  const { code, json } = await project.run("start", "web", "docs", "--json");
  assert.equal(code, 1);
  assert.match(
    (json as Part[]).find(({ app }) => app === "web")?.error?.message ?? "",
    /API of web refers to \$\{url:ap\}, which is nothing/,
  );
  assert.deepEqual(await running(project), ["api", "docs"]);
});

test("Ctrl-C in the middle of a start of several leaves nothing behind", async (context) => {
  const project = await openProject(context);
  const start = await startCli(["start", "--cwd", project.cwd], { home: project.home });
  await start.printed(/docs: Process \d+ runs/);
  start.process.kill("SIGINT");
  const { code, stderr } = await start.finished();
  assert.equal(code, 130, stderr);
  assert.match(stderr, /The start of web was cancelled; no server was left behind/);
  assert.equal(liveLaunches(project.home).size, 0);
});

test("the daemon killed in the middle: one more start, and there is one of each", async (context) => {
  const project = await openProject(context);
  await project.startDatabase();
  const start = await startCli(["start", "--cwd", project.cwd], { home: project.home });
  await start.printed(/api: Process \d+ runs/);
  const { daemon } = await project.json<StatusResult>("status");
  process.kill(daemon.pid, "SIGKILL");
  await start.finished();
  const started = await project.json<Part[]>("start");
  assert.deepEqual(
    started.filter(({ error }) => error),
    [],
  );
  assert.deepEqual(await running(project), ["api", "docs", "web"]);
  assert.equal(liveLaunches(project.home).size, 3);
});

test("outputs are followed together, each line with its app's name", async (context) => {
  const project = await openProject(context);
  await project.json("start", "docs");
  await project.startDatabase();
  await project.json("start", "api");
  const words = ["logs", "docs", "api", "web", "--follow", "--cwd", project.cwd];
  const follow = await startCli(words, { home: project.home });
  await follow.printed(/^docs │ docs sees/m);
  await follow.printed(/web was never started here/);
  await project.json("restart", "api");
  await follow.printed(/^api {2}│ \[devlatch\] ended by SIGTERM[\s\S]*^api {2}│ api sees/m);
  follow.process.kill("SIGINT");
  assert.equal((await follow.finished()).code, 1, "one of them has no output");
});

test("where no file says what belongs together, every package is meant, and within one that one", async (context) => {
  const root = await openCase(context, "p04-two-web-apps");
  for (const name of ["nextjs", "start"]) {
    const port = await freePort();
    const server = `import { createServer } from "node:http";\ncreateServer((_, response) => response.end("x")).listen(${port});\n`;
    await root.write(`apps/${name}/server.js`, server);
  }
  const within = new Developer(root.home, join(root.cwd, "apps/start"));
  const inside = await within.asks<Part[]>("start");
  assert.deepEqual(
    inside.map(({ app }) => app),
    ["start"],
  );
  const all = await root.json<Part[]>("start");
  assert.deepEqual(
    new Set(all.map(({ app, outcome }) => `${app} ${outcome}`)),
    new Set(["nextjs started", "start reused"]),
  );
  // As many as no one means at once.
  for (let i = 0; i < 7; i++) {
    await root.write(`apps/example-${i}/package.json`, JSON.stringify({ scripts: { dev: "vite" } }));
  }
  const many = await root.run("start");
  assert.notEqual(many.code, 0);
  assert.match(
    many.stderr,
    /Which apps do you mean\? In .* 9 could be started: example-0, .*, …\n.*devlatch\.json/,
  );
  assert.equal(liveLaunches(root.home).size, 2);
});

test("a restart leaves what depends on it alone, unless that is meant, too", async (context) => {
  const project = await openProject(context);
  await project.startDatabase();
  await project.json("start", "web", "docs");
  const pids = async () =>
    new Map(
      (await project.json<StatusResult>("status")).sessions.flatMap(({ app, state }) =>
        state.kind === "ready" ? [[app, state.pid] as const] : [],
      ),
    );
  const before = await pids();
  await project.json("restart", "api");
  const between = await pids();
  const changed = (one: Map<string, number>, other: Map<string, number>) =>
    [...one].filter(([app, pid]) => other.get(app) !== pid).map(([app]) => app);
  assert.deepEqual(changed(before, between), ["api"]);
  const restarted = await project.json<Part[]>("restart", "api", "--dependents");
  assert.deepEqual(
    restarted.map(({ app, outcome }) => [app, outcome]),
    [
      ["api", "started"],
      ["web", "started"],
    ],
  );
  assert.deepEqual(changed(between, await pids()).sort(), ["api", "web"]);
  // By way of the task, which doesn't run: what it has to be done for is meant.
  const alone = await project.json<Part[]>("restart", "docs", "--dependents");
  assert.deepEqual(
    alone.map(({ app }) => app),
    ["docs"],
  );
});

test("what a command had started for it, with what that depends on, ends after it", async (context) => {
  const project = await openProject(context);
  await project.startDatabase();
  const { code, stdout, stderr } = await project.run(
    "with",
    "web",
    "--",
    "node",
    "-p",
    "process.env.DEVLATCH_URL_WEB",
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`http://localhost:${project.ports[0]}`));
  await waitFor("what it depends on to end unused", async () =>
    (await running(project)).length === 0 ? true : undefined,
  );
});
