import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { leftToCampaign } from "../support/campaign.ts";
import { startProgram } from "../support/child.ts";
import { startCli } from "../support/cli.ts";
import { Developer } from "../support/developer.ts";
import { createHome } from "../support/home.ts";
import { needPackages, runtimePackages } from "../support/install/debian.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import { liveLaunches } from "./launches.ts";
import type { Part } from "./several-parts.ts";

const api = `require("node:http").createServer((_, answer) => answer.end(process.env.DATABASE)).listen(process.env.PORT, "127.0.0.1");`;
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is what devlatch.json says
const ofSandbox = "shop_${sandbox}";
const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd });

/** Debian's PostgreSQL, as a user that may run it. @returns runs a query, and answers with its rows */
async function startDatabase(t: TestContext, port: number): Promise<(query: string) => string> {
  await needPackages(runtimePackages.postgresql);
  const directory = mkdtempSync(join(tmpdir(), "devlatch-postgres-"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) execFileSync("chown", ["postgres", directory]);
  const asUser = (...argv: string[]) => (isRoot ? ["runuser", "-u", "postgres", "--", ...argv] : argv);
  const run = ([program = "", ...args]: string[]) =>
    execFileSync(program, args, { cwd: "/", encoding: "utf8" });
  run(asUser("initdb", "-D", directory, "-A", "trust", "-U", "postgres", "--no-sync"));
  const [program = "", ...args] = asUser(
    "postgres",
    "-D",
    directory,
    "-p",
    `${port}`,
    "-h",
    "127.0.0.1",
    "-k",
    directory,
  );
  const server = await startProgram(program, args, { cwd: "/" });
  t.after(async () => {
    // To the database itself: what runs it as another user may not hand a signal on.
    run(asUser("pg_ctl", "stop", "-D", directory, "-m", "immediate"));
    await server.finished();
    rmSync(directory, { recursive: true, force: true });
  });
  const query = (text: string) =>
    run(["psql", "-h", "127.0.0.1", "-p", `${port}`, "-U", "postgres", "-Atc", text]).trim();
  await waitFor("the database", () => {
    try {
      return query("select 1") === "1";
    } catch {
      return false;
    }
  });
  return query;
}

/** A repository of a page, a phone app, an API, a task and a database, and a second worktree of it. */
async function openWorktrees(t: TestContext, database: number): Promise<readonly [string, string]> {
  const parent = mkdtempSync(join(tmpdir(), "devlatch-whole-"));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  const [main, second] = [join(parent, "shop"), join(parent, "shop-two")];
  // Done once more where the daemon was killed before it had written down that it is done.
  const psql = `psql -h 127.0.0.1 -p ${database} -U postgres`;
  const apps = {
    web: { command: "npx next dev", cwd: "web", port: await freePort(), dependsOn: ["api"] },
    mobile: { command: "npx expo start --port {port}", cwd: "mobile", port: await freePort() },
    api: {
      command: "node api.cjs",
      port: await freePort(),
      dependsOn: ["schema"],
      env: { DATABASE: ofSandbox },
    },
    schema: {
      kind: "task",
      command: ["sh", "-c", `${psql} -c "create database $DATABASE" || ${psql} -d "$DATABASE" -c "select 1"`],
      env: { DATABASE: ofSandbox },
      dependsOn: ["db"],
    },
    db: { external: { tcp: database } },
  };
  mkdirSync(main);
  writeFileSync(join(main, "devlatch.json"), JSON.stringify({ apps }));
  writeFileSync(join(main, "api.cjs"), api);
  writeFileSync(join(main, ".gitignore"), "web\nmobile\n");
  git(main, "init", "-q");
  git(main, "add", ".");
  git(main, "commit", "-qm", "shop");
  git(main, "worktree", "add", "-q", second);
  for (const directory of [main, second]) {
    renameSync(await prepareProject("next", t), join(directory, "web"));
    renameSync(await prepareProject("expo", t), join(directory, "mobile"));
  }
  chmodSync(parent, 0o755);
  return [main, second];
}

test("Next, Expo, an API, a task and PostgreSQL in two worktrees at once; the daemon is killed in the middle", {
  skip: leftToCampaign,
}, async (t) => {
  const database = await freePort();
  const query = await startDatabase(t, database);
  const home = createHome(t);
  const places = await openWorktrees(t, database);
  const env = { NEXT_TELEMETRY_DISABLED: "1", EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1" };
  const begun = await Promise.all(places.map((cwd) => startCli(["start", "--cwd", cwd], { home, env })));
  await Promise.all(begun.map((start) => start.printed(/Process \d+ runs/)));
  const daemon = home.daemonPid();
  assert.ok(daemon);
  process.kill(daemon, "SIGKILL");
  await Promise.all(begun.map((start) => start.finished()));

  const developers = places.map((cwd) => new Developer(home, cwd));
  const again = await Promise.all(
    places.map(async (cwd) => (await startCli(["start", "--json", "--cwd", cwd], { home, env })).finished()),
  );
  const parts = again.map(({ code, stdout, stderr }) => {
    assert.equal(code, 0, stdout + stderr);
    return JSON.parse(stdout) as Part[];
  });
  assert.equal(liveLaunches(home).size, 6);
  const ports = parts.flat().flatMap(({ app, port }) => (app === "db" || !port ? [] : [port]));
  assert.equal(new Set(ports).size, 6, "each worktree has ports of its own");
  const served = await Promise.all(
    parts.map(async (one) => {
      const port = (name: string) => one.find(({ app }) => app === name)?.port;
      assert.match(
        await (await fetch(`http://localhost:${port("mobile")}/status`)).text(),
        /packager-status:running/,
      );
      assert.equal((await fetch(`http://localhost:${port("web")}/`)).status, 200);
      return (await fetch(`http://localhost:${port("api")}/`)).text();
    }),
  );
  assert.deepEqual(
    query("select datname from pg_database where datname like 'shop_%' order by 1").split("\n"),
    served.sort(),
  );

  await Promise.all(developers.map((developer) => developer.types("stop")));
  assert.equal(liveLaunches(home).size, 0);
  const { sessions } = await new Developer(home, places[0]).asks<StatusResult>("status");
  assert.deepEqual(
    sessions.filter(({ state }) => state.kind !== "stopped"),
    [],
  );
  assert.equal(query("select 1"), "1", "what isn't ours runs on");
});
