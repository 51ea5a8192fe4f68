import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { hasCode } from "../../shared/base/errors.ts";
import { connectToDaemon, ensureDaemon } from "../../shared/client/daemon.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { type Finished, runProgram, startProgram } from "../support/child.ts";
import { homeOf } from "../support/daemon.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { manifest } from "./packages/packed.ts";

/** What was built, installed in a directory of its own as if it were of another version. */
class Installation {
  readonly directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-version-"));
  readonly #home: TestHome;
  readonly #cwd: string;

  /** @param threadFormat the version of its threads' format, if another than today's */
  constructor(t: TestContext, version: string, home: TestHome, cwd: string, threadFormat?: number) {
    t.after(() => this.remove());
    this.#home = home;
    this.#cwd = cwd;
    const dist = join(repository, "dist");
    for (const name of readdirSync(dist).filter((file) => file.endsWith(".js"))) {
      const code = readFileSync(join(dist, name), "utf8");
      const own = code.replaceAll(manifest.version, version);
      writeFileSync(join(this.directory, name), threadFormat ? withThreads(own, threadFormat) : own);
    }
    cpSync(join(dist, "package.json"), join(this.directory, "package.json"));
    symlinkSync(join(dist, "node_modules"), join(this.directory, "node_modules"));
  }

  run(...args: string[]): Promise<Finished> {
    const all = [join(this.directory, "devlatch.js"), ...args, "--cwd", this.#cwd, "--json"];
    return runProgram(process.execPath, all, { env: this.#home.env() });
  }

  async json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run(...args);
    assert.equal(code, 0, stdout + stderr);
    return JSON.parse(stdout) as T;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Code as it would be with another version of the threads' format. */
function withThreads(code: string, format: number): string {
  // Bundles give another name to what has the name of something else.
  const [, name] = /PRAGMA user_version = \$\{(\w+)\}; PRAGMA application_id/.exec(code) ?? [];
  return name === undefined ? code : code.replace(new RegExp(`\\b${name}=\\d+`), `${name}=${format}`);
}

/** A project with two apps, and its home. */
async function place(t: TestContext) {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const [web, api] = [await freePort(), await freePort()];
  const command = "node api.mjs";
  writeFileSync(
    join(cwd, "devlatch.json"),
    JSON.stringify({ apps: { web: { command: "npm run dev", port: web }, api: { command, port: api } } }),
  );
  const server =
    'import { createServer } from "node:http";\n' +
    'createServer((_, response) => response.end("api")).listen(process.env.PORT, "127.0.0.1");\n' +
    'console.log("api", process.pid);\n';
  writeFileSync(join(cwd, "api.mjs"), server);
  const installed = (version: string, threadFormat?: number) =>
    new Installation(t, version, home, cwd, threadFormat);
  return { home, cwd, installed };
}

function isThere(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

async function daemonOf(program: Installation): Promise<{ pid: number; version: string }> {
  const { daemon } = await program.json<StatusResult>("status");
  return { pid: daemon.pid, version: daemon.version };
}

test("a newer command line puts its daemon in the place of an older one, servers run on, and the older works with it", async (t) => {
  const { installed } = await place(t);
  const [older, newer, newest] = [installed("0.0.9"), installed("0.1.0"), installed("0.2.0")];
  const started = await older.json<Answer>("start", "web");
  assert.equal((await daemonOf(older)).version, "0.0.9");

  const reused = await newer.json<Answer>("start", "web");
  assert.deepEqual([reused.outcome, reused.pid, reused.url], ["reused", started.pid, started.url]);
  const between = await daemonOf(newer);
  assert.equal(between.version, "0.1.0");

  const again = await older.json<Answer>("start", "web");
  assert.deepEqual([again.outcome, again.pid], ["reused", started.pid]);
  assert.deepEqual(await daemonOf(older), between, "an older client uses a newer daemon");

  const all = await Promise.all(Array.from({ length: 6 }, () => newest.json<Answer>("start", "web")));
  assert.deepEqual(new Set(all.map(({ pid }) => pid)), new Set([started.pid]));
  assert.equal((await daemonOf(newest)).version, "0.2.0");
  await waitFor("the daemon of before to be gone", () => !isThere(between.pid));
  assert.equal((await older.json<{ outcome: string }>("stop", "web")).outcome, "stopped");
});

test("after a downgrade, and the next upgrade, servers run on with the output of all versions", async (t) => {
  const { home, installed } = await place(t);
  const [earlier, later] = [installed("0.1.0"), installed("0.2.0", 3)];
  const web = await later.json<Answer>("start", "web");
  const before = await later.json<Answer>("start", "api");
  await later.json("daemon", "stop");

  const reused = await earlier.json<Answer>("start", "web");
  assert.deepEqual([reused.outcome, reused.pid], ["reused", web.pid]);
  assert.equal((await daemonOf(earlier)).version, "0.1.0");
  // Its own host goes on with the later version's file.
  const api = await earlier.json<Answer>("restart", "api", "--yes");

  const again = await later.json<Answer>("start", "web");
  assert.deepEqual([again.outcome, again.pid], ["reused", web.pid]);
  assert.equal((await daemonOf(later)).version, "0.2.0");
  assert.equal((await later.json<Answer>("start", "api")).pid, api.pid);
  const { messages } = await later.json<{ messages: { text: string }[] }>("logs", "api", "--cursor", "0");
  const said = messages.map(({ text }) => text).filter((text) => text.startsWith("api"));
  assert.deepEqual(said, [`api ${before.pid}`, `api ${api.pid}`]);
  const file = join(home.directory, "sessions", web.sandboxId, "dev_server_api", "thread.db");
  const database = new DatabaseSync(file, { readOnly: true });
  t.after(() => database.close());
  assert.equal(database.prepare("PRAGMA user_version").get()?.["user_version"], 3);
});

test("a daemon whose files an upgrade took away goes on, and makes way for one that has them", async (t) => {
  const { home, cwd, installed } = await place(t);
  const [removed, kept] = [installed("0.1.0"), installed("0.1.0")];
  const started = await removed.json<Answer>("start", "web");
  const before = await daemonOf(removed);
  rmSync(join(removed.directory, "daemon.js"));
  rmSync(join(removed.directory, "host.js"));

  // Its own client has no other daemon to start.
  assert.deepEqual(await daemonOf(removed), before);
  const { stdout: refused } = await removed.run("restart", "web", "--yes");
  assert.match(refused, /upgraded or removed while its daemon ran|daemon\.js/, refused);
  assert.ok(isThere(started.pid), "a restart that can't start again stops nothing");

  removed.remove();
  const client = { kind: "test", name: "test", pid: process.pid, trusted: true } as const;
  const connection = await connectToDaemon({ home: homeOf(home), client, build: "test" });
  t.after(() => connection.dispose());
  const { messages } = await connection.request("session/logs", { cwd, app: "web" });
  assert.ok(messages.length > 0, "what is loaded goes on");
  await assert.rejects(connection.request("session/logs", { cwd, app: "web", grep: "ready" }), (error) =>
    hasCode(error, "DAEMON_UNAVAILABLE"),
  );
  const other = await kept.json<Answer>("start", "api");
  assert.equal(other.outcome, "started");
  assert.notEqual((await daemonOf(kept)).pid, before.pid);
  const reused = await kept.json<Answer>("start", "web");
  assert.deepEqual([reused.outcome, reused.pid], ["reused", started.pid]);
  const restarted = await kept.json<Answer>("restart", "web", "--yes");
  assert.notEqual(restarted.pid, started.pid);
});

test("once the extension is uninstalled its daemon is gone, and the servers that windows had started and no one uses", async (t) => {
  const { home, cwd, installed } = await place(t);
  const program = installed("0.1.0");
  const client = {
    home: homeOf(home),
    build: "test",
    program: { script: join(program.directory, "daemon.js") },
  };
  const window = await startProgram("sleep", ["600"]);
  t.after(() => window.process.kill("SIGKILL"));
  const connection = await ensureDaemon({
    ...client,
    client: { kind: "window", name: "gone", pid: window.pid, trusted: true },
  });
  const web = await connection.request("session/start", {
    cwd,
    app: "web",
    env: home.env() as Record<string, string>,
  });
  connection.dispose();
  const api = await program.json<Answer>("start", "api");
  const uninstall = () =>
    runProgram(process.execPath, [join(program.directory, "uninstalled.js")], { env: home.env() });

  await uninstall();
  assert.ok(isThere(web.pid ?? 0), "its window still uses it");
  window.process.kill("SIGKILL");
  await window.finished();
  await program.json<Answer>("start", "api");
  const { pid } = await daemonOf(program);
  await waitFor("no one to use web", async () => {
    const { sessions } = await program.json<StatusResult>("status");
    return sessions.find(({ app }) => app === "web")?.holders.length === 0;
  });
  await uninstall();
  assert.equal(isThere(web.pid ?? 0), false);
  assert.ok(isThere(api.pid), "what a terminal had started runs on");
  await waitFor("the daemon to be gone", () => !isThere(pid));
});
