import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeRepository, type TestRepository } from "../integration/sandboxes/repository.ts";
import { type CliResult, commandLine, runCli, startCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";

interface Project {
  readonly repository: TestRepository;
  /** Holds what the setup makes outside of the checkout. */
  readonly outside: string;
  run(cwd: string, ...args: readonly string[]): Promise<CliResult>;
  /** What must succeed. */
  ok(cwd: string, ...args: readonly string[]): Promise<string>;
  start(cwd: string, ...args: readonly string[]): ReturnType<typeof startCli>;
  /** The lines of a file outside. */
  lines(name: string): readonly string[];
}

// Also where no caller's variables are there, as at the end of a lease.
const where = `
OUTSIDE="$(dirname "$(dirname "$(git rev-parse --path-format=absolute --git-common-dir)")")"
`;
const up = `${where}
echo "up $PWD $DEVLATCH_PORT_WEB" >> "$OUTSIDE/log"
[ ! -e "$OUTSIDE/broken" ] || { echo 'no such package'; exit 4; }
touch "$OUTSIDE/$DATABASE"
echo "READY=yes" > .env.local
`;
const down = `${where}
[ ! -e "$OUTSIDE/busy" ] || { echo 'the database is busy'; exit 3; }
rm -f "$OUTSIDE/$DATABASE"
echo "down $PWD" >> "$OUTSIDE/log"
`;

/** A project whose setup makes a database: a file beside the repository, named after the sandbox. */
async function openProject(context: TestContext, setup: object = {}, more: object = {}): Promise<Project> {
  const home = createHome(context);
  const [port, other] = [await freePort(), await freePort()];
  const variables = { DATABASE: ["db_$", "{sandbox}"].join("") };
  const config = {
    apps: {
      web: { command: "node server.js", port },
      api: { command: "node server.js", port: other },
    },
    setup: { command: "sh up.sh", env: variables, ...setup },
    teardown: { command: "sh down.sh", env: variables },
    sandboxes: { max: 1 },
    ...more,
  };
  const repository = await makeRepository(context, config, {
    "up.sh": up,
    "down.sh": down,
    "list.txt": "1\n",
    ".gitignore": ".env.local\nnode_modules/\n",
  });
  const outside = dirname(repository.path);
  const options = { home, env: { DEVLATCH: commandLine, NODE: process.execPath } };
  const run = (cwd: string, ...args: readonly string[]) => runCli(args, { ...options, cwd });
  return {
    repository,
    outside,
    run,
    start: (cwd, ...args) => startCli(args, { ...options, cwd }),
    ok: async (cwd, ...args) => {
      const result = await run(cwd, ...args);
      assert.equal(result.code, 0, `${args.join(" ")}: ${result.stdout}${result.stderr}`);
      return result.stdout;
    },
    lines: (name) =>
      existsSync(join(outside, name)) ? readFileSync(join(outside, name), "utf8").trim().split("\n") : [],
  };
}

const databases = ({ outside }: Project) => readdirSync(outside).filter((name) => name.startsWith("db_"));

test("a checkout is set up once before anything, also where several ask at once, and again when its files change", async (context) => {
  const project = await openProject(context, { inputs: ["list.txt"] });
  const { path } = project.repository;
  const results = await Promise.all([
    project.ok(path, "run", "check", "--", "cat", ".env.local"),
    project.ok(path, "start", "web"),
    project.ok(path, "start", "api"),
    project.ok(path, "run", "other", "--", "cat", ".env.local"),
  ]);
  assert.match(results[0], /READY=yes/);
  assert.match(results[3], /READY=yes/);
  assert.equal(project.lines("log").length, 1);
  assert.equal(databases(project).length, 1);
  await project.ok(path, "stop");
  await project.ok(path, "start");
  assert.equal(project.lines("log").length, 1);

  writeFileSync(join(path, "list.txt"), "2\n");
  // What runs is no reason to wait.
  await project.ok(path, "start");
  assert.equal(project.lines("log").length, 1);
  await project.ok(path, "run", "check", "--", "true");
  assert.equal(project.lines("log").length, 2);
});

test("a setup that fails starts nothing and says why; once corrected it is done", async (context) => {
  const project = await openProject(context);
  const { path } = project.repository;
  writeFileSync(join(project.outside, "broken"), "");
  for (const args of [
    ["start", "web"],
    ["run", "check", "--", "true"],
  ]) {
    const failed = await project.run(path, ...args);
    assert.equal(failed.code, 1, failed.stderr);
    assert.match(failed.stderr, /Setup failed: `sh up\.sh` ended with exit code 4\./);
    assert.match(failed.stderr, /no such package/);
  }
  assert.doesNotMatch(await project.ok(path, "status", "--json"), /"kind": "ready"/);
  rmSync(join(project.outside, "broken"));
  await project.ok(path, "start", "web");
  assert.equal(project.lines("log").length, 3);
});

test("a setup may itself run and start by Devlatch", async (context) => {
  const project = await openProject(context, {
    command: [
      "sh",
      "-c",
      `sh up.sh && "$NODE" "$DEVLATCH" run inner -- sh -c '"$NODE" "$DEVLATCH" run innermost -- echo within' >> ../inner`,
    ],
  });
  await project.ok(project.repository.path, "start", "web");
  assert.deepEqual(project.lines("inner"), ["within"]);
});

test("checkouts that share a sandbox by its name are each set up once", async (context) => {
  const project = await openProject(context, {}, { sandbox: "team-box" });
  const { path, git } = project.repository;
  const other = join(project.outside, "other");
  git("clone", "--quiet", path, other);
  for (const place of [path, other, path, other]) await project.ok(place, "run", "check", "--", "true");
  assert.deepEqual(
    project.lines("log").map((line) => line.split(" ")[1]),
    [path, other],
  );
});

test("each worktree is set up, with its own ports, and again where it is made anew", async (context) => {
  const project = await openProject(context);
  const { path, git } = project.repository;
  const other = join(project.outside, "other");
  const add = () => git("worktree", "add", "--quiet", "--detach", other);
  add();
  await project.ok(path, "start", "web");
  await project.ok(other, "run", "check", "--", "true");
  const ports = () => project.lines("log").map((line) => line.split(" ")[2]);
  assert.equal(new Set(ports()).size, 2);
  assert.equal(databases(project).length, 2);
  git("worktree", "remove", "--force", other);
  add();
  await project.ok(other, "run", "check", "--", "true");
  assert.equal(project.lines("log").length, 3);
  assert.equal(ports()[2], ports()[1]);
});

test("what a sandbox's setup made goes with its release; a teardown that fails keeps the claim", async (context) => {
  const project = await openProject(context);
  const { path } = project.repository;
  const claim = async () => JSON.parse(await project.ok(path, "sandbox", "claim", "--json")).path as string;
  const sandbox = await claim();
  // Nothing was set up: there is nothing to undo.
  await project.ok(sandbox, "sandbox", "release");
  assert.deepEqual(project.lines("log"), []);

  await claim();
  await project.ok(sandbox, "start", "web");
  assert.equal(databases(project).length, 1);
  writeFileSync(join(project.outside, "busy"), "");
  const refused = await project.run(sandbox, "sandbox", "release");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Teardown failed.*\n.*--skip-teardown/);
  assert.match(refused.stderr, /the database is busy/);
  assert.match(await project.ok(path, "sandbox", "list"), /claimed/);
  rmSync(join(project.outside, "busy"));
  await project.ok(sandbox, "sandbox", "release");
  assert.deepEqual(databases(project), []);
  assert.equal(project.lines("log").at(-1), `down ${sandbox}`);

  // The next owner's is set up anew.
  await claim();
  await project.ok(sandbox, "run", "check", "--", "true");
  assert.equal(databases(project).length, 1);
  writeFileSync(join(project.outside, "busy"), "");
  await project.ok(sandbox, "sandbox", "release", "--skip-teardown");
  assert.equal(databases(project).length, 1);
});

test("a sandbox whose lease ends in the middle of a run stays its owner's; taken back, it is torn down", async (context) => {
  const project = await openProject(context);
  const { path } = project.repository;
  const { outside } = project;
  const first = JSON.parse(await project.ok(path, "sandbox", "claim", "--json", "--lease", "1"))
    .path as string;
  const wait = `until [ -e "${outside}/go" ]; do sleep 0.1; done`;
  const running = await project.start(first, "run", "long", "--", "sh", "-c", wait);
  await waitFor("the run", async () => databases(project).length === 1);
  await waitFor("the end of the lease", async () =>
    (JSON.parse(await project.ok(path, "sandbox", "list", "--json")) as { leaseMs: number }[]).every(
      ({ leaseMs }) => leaseMs === 0,
    ),
  );
  await waitFor("the run itself", async () => {
    const runs = JSON.parse(await project.ok(first, "status", "--json")).runs as { key: string }[];
    return runs.some(({ key }) => key === "long");
  });
  const refused = await project.run(path, "sandbox", "claim", "--json");
  assert.equal((refused.json as { error: { code: string } }).error.code, "POOL_EXHAUSTED", refused.stdout);
  writeFileSync(join(outside, "go"), "");
  assert.equal((await running.finished()).code, 0);

  const next = await waitFor("the sandbox of another", async () => {
    const result = await project.run(path, "sandbox", "claim", "--json");
    return result.code === 0 ? (result.json as { path: string }) : undefined;
  });
  assert.equal(next.path, first);
  assert.deepEqual(databases(project), []);
});

test("a result of one owner is no other's, and a sandbox without an owner runs nothing", async (context) => {
  const project = await openProject(context);
  const { path } = project.repository;
  const claim = async () => JSON.parse(await project.ok(path, "sandbox", "claim", "--json")).path as string;
  const sandbox = await claim();
  const once = ["run", "build", "--once", "--json", "--", "true"];
  assert.match(await project.ok(sandbox, ...once), /"executed"/);
  assert.match(await project.ok(sandbox, ...once), /"replayed"/);
  await project.ok(sandbox, "sandbox", "release");
  const refused = await project.run(sandbox, ...once);
  assert.equal((refused.json as { error: { code: string } }).error.code, "SANDBOX_BUSY", refused.stdout);
  assert.equal(await claim(), sandbox);
  assert.match(await project.ok(sandbox, ...once), /"executed"/);
});
