import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import { randomToken } from "../../shared/base/token.ts";
import type { Container } from "../../shared/model/container.ts";
import { type Running, startProgram } from "../support/child.ts";
import { runCli } from "../support/cli.ts";
import { userEnv } from "../support/env.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { seeProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";

interface PortDocument {
  readonly listeners: readonly { pid: number; address: string; session?: string; container?: Container }[];
  readonly clients: readonly { pid: number; connections: number; session?: string; command: string }[];
}

interface Refusal {
  readonly error: { code: string; message: string; remedy: string };
}

/** Listens on PORT, and a child of it on OTHER. */
const family = `
  const { createServer } = require("node:http");
  createServer((q, s) => s.end("ok")).listen(process.env.PORT, "127.0.0.1");
  const child = 'require("node:net").createServer().listen(process.env.OTHER, "::1")';
  require("node:child_process").spawn(process.execPath, ["-e", child]);
`;

async function connectedClient(t: TestContext, port: number, host: string): Promise<Running> {
  const script = `require("node:net").connect(${port}, "${host}", () => console.log("connected")); setInterval(() => {}, 1000);`;
  const client = await startProgram(process.execPath, ["-e", script], { env: userEnv() });
  t.after(() => client.process.kill("SIGKILL"));
  await client.printed(/connected/);
  return client;
}

/** A process that looks like Docker's proxy, on a free port. */
async function publishedPort(t: TestContext): Promise<{ port: number; proxy: Running }> {
  const port = await freePort();
  const fixture = join(repository, "test/fixtures/processes/docker-proxy.sh");
  const proxy = await startProgram(fixture, [randomToken(), "127.0.0.1", `${port}`], { env: userEnv() });
  t.after(() => proxy.process.kill("SIGKILL"));
  await proxy.printed(/^\d+\n/);
  return { port, proxy };
}

/** A PATH with a `docker` of our own before all else. */
function pathWithDocker(t: TestContext, script: string): { PATH: string } {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-docker-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "docker");
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { PATH: `${directory}${delimiter}${process.env["PATH"]}` };
}

test("a port shows its clients of both families below its listeners, and freeing it ends no client", async (t) => {
  const home = createHome(t);
  const port = await freePort();
  const serve = `require("node:net").createServer((s) => s.on("error", () => {})).listen(${port}, "::", () => console.log("up"));`;
  const server = await startProgram(process.execPath, ["-e", serve], { env: userEnv() });
  t.after(() => server.process.kill("SIGKILL"));
  await server.printed(/up/);
  const clients = [await connectedClient(t, port, "127.0.0.1"), await connectedClient(t, port, "::1")];

  const found = await runJson<PortDocument>(["port", `${port}`], { home });
  assert.deepEqual(
    found.listeners.map(({ pid, address }) => [pid, address]),
    [[server.pid, "::"]],
  );
  const byPid = (a: number, b: number) => a - b;
  const pids = clients.map(({ pid }) => pid).sort(byPid);
  assert.deepEqual(found.clients.map(({ pid }) => pid).sort(byPid), pids);
  assert.match(found.clients[0]?.command ?? "", /connect/);
  const { stdout } = await runCli(["port", `${port}`], { home });
  assert.match(stdout, new RegExp(`held by:[^]*${server.pid}[^]*Connected to it:[^]*${pids[0]}`));

  const freed = await runJson<{ freed: { pid: number }[] }>(["port", `${port}`, "--free", "--yes"], { home });
  assert.deepEqual(
    freed.freed.map(({ pid }) => pid),
    [server.pid],
  );
  for (const { pid } of clients) assert.ok(seeProcess(pid), "a client lives on");
});

test("any process of a server's tree is known as the session's, listener or client", async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const [port, other] = [await freePort(), await freePort()];
  const options = { home, cwd, env: { OTHER: `${other}` } };
  const command = ["--", process.execPath, "-e", family];
  const started = await runJson<Answer>(["start", "web", "--port", `${port}`, ...command], options);
  const inspect = () => runJson<PortDocument>(["port", `${other}`], options);
  const [child] = await waitFor("the child to listen", async () => {
    const { listeners } = await inspect();
    return listeners.length > 0 && listeners;
  });
  assert.notEqual(child?.pid, started.pid);
  assert.equal(child?.session, "dev_server_web");

  const client = await connectedClient(t, other, "::1");
  const { clients } = await inspect();
  assert.deepEqual(
    clients.map(({ pid, session }) => [pid, session]),
    [[client.pid, undefined]],
    "a stranger that is connected belongs to no session",
  );
  await runJson(["stop", "web"], options);
});

test("a container's published port is named, and never freed by ending its proxy", async (t) => {
  const home = createHome(t);
  const { port, proxy } = await publishedPort(t);
  const row = JSON.stringify({ ID: "4f1c0ee2a1b9", Names: "shop-web-1", Image: "nginx:1.27" });
  const script = `[ "$*" = "ps --filter publish=${port} --format {{json .}}" ] && echo '${row}'`;
  const options = { home, env: pathWithDocker(t, script) };

  const { listeners } = await runJson<PortDocument>(["port", `${port}`], options);
  assert.deepEqual(listeners[0]?.container, {
    ...{ engine: "docker", name: "shop-web-1", id: "4f1c0ee2a1b9", image: "nginx:1.27" },
    ...{ address: "172.17.0.2", port: 80 },
  });
  for (const consent of [[], ["--yes"]]) {
    const refused = await runCli(["port", `${port}`, "--free", ...consent, "--json"], options);
    const { error } = refused.json as Refusal;
    assert.deepEqual([refused.code, error.code], [3, "PORT_CONFLICT"], refused.stdout);
    assert.match(error.message, /published by container shop-web-1 \(docker, nginx:1\.27, port 80\)/);
    assert.match(error.remedy, /stop it with: docker stop shop-web-1/);
  }
  const cwd = await prepareProject("plain", t);
  const start = await runCli(["start", "web", "--port", `${port}`, "--json", "--cwd", cwd], options);
  assert.equal(start.code, 3, start.stdout);
  assert.match((start.json as Refusal).error.remedy, /docker stop shop-web-1/);
  assert.ok(seeProcess(proxy.pid), "the proxy lives on");
});

test("a docker that hangs or fails costs bounded time, and the port is a container's all the same", async (t) => {
  const { port, proxy } = await publishedPort(t);
  for (const script of ["sleep 300", "echo no daemon >&2; exit 1", "echo nonsense"]) {
    const options = { home: createHome(t), env: pathWithDocker(t, script) };
    const result = await runCli(["port", `${port}`, "--json"], options);
    assert.equal(result.code, 0, result.stderr);
    assert.ok(result.elapsedMs < 60_000, `${script}: ${result.elapsedMs} ms`);
    const { listeners } = result.json as PortDocument;
    assert.deepEqual(listeners[0]?.container, { engine: "docker", address: "172.17.0.2", port: 80 });
    const refused = await runCli(["port", `${port}`, "--free", "--yes", "--json"], options);
    assert.equal(refused.code, 3);
    assert.match((refused.json as Refusal).error.remedy, new RegExp(`docker ps --filter publish=${port}`));
  }
  assert.ok(seeProcess(proxy.pid));
});
