import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { hasCode } from "../../shared/base/errors.ts";
import type { Connection } from "../../shared/client/connection.ts";
import { runCli } from "../support/cli.ts";
import { connectTo } from "../support/daemon.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import type { Owner } from "../support/owner.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";

/** Writes whatever it is asked for, a line each: a server whose words the test chooses. */
const puppet = `
import { createServer } from "node:http";
let mended = false;
let removed = false;
createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://x");
  for (const line of searchParams.getAll("say")) console.log(line);
  if (pathname === "/exit") process.exit(7);
  if (pathname.startsWith("/hang")) return console.log("held back " + pathname);
  if (pathname === "/mend") mended = true;
  if (pathname === "/remove") removed = true;
  if (pathname === "/shell") response.setHeader("content-type", "text/html");
  response.statusCode = pathname === "/missing" ? 404 : 200;
  if (pathname.startsWith("/broken") && !mended) response.statusCode = removed ? 404 : 500;
  response.end(pathname === "/shell" ? '<div id="app"></div><script type="module" src="/broken.js"></script>' : "ok");
}).listen(process.env.PORT, "127.0.0.1");
`;

async function puppetServer(owner: Owner, more: (cwd: string) => void = () => {}) {
  const home = createHome(owner);
  const cwd = await prepareProject("plain", owner);
  more(cwd);
  writeFileSync(join(cwd, "puppet.mjs"), puppet);
  const app = { command: "node puppet.mjs", port: await freePort() };
  writeFileSync(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: app } }));
  const started = await runJson<{ url: string; pid: number }>(["start", "web", "--cwd", cwd], { home });
  const ask = (path: string, ...say: string[]) => {
    const url = new URL(path, started.url);
    for (const line of say) url.searchParams.append("say", line);
    return fetch(url).then((answer) => answer.text());
  };
  const place = { cwd, app: "web" } as const;
  return { home, cwd, place, ask, pid: started.pid };
}

async function words(ended: ReturnType<typeof runCli>): Promise<[number | null, string]> {
  const { code, stdout } = await ended;
  return [code, stdout.trim()];
}

/** Waits until the daemon has heard this, so that what a test does next comes after it. */
async function heard(connection: Connection, status: string): Promise<void> {
  await waitFor(`a build that is ${status}`, async () => {
    const { sessions } = await connection.request("daemon/status", {});
    return sessions[0]?.build?.status === status;
  });
}

test("a build that goes on is waited for, and its end is the answer", async (context) => {
  const { home, place, ask } = await puppetServer(context);
  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  await ask("/", "○ Compiling / ...");
  await heard(connection, "compiling");
  let isAnswered = false;
  const waiting = connection.request("session/waitForCleanBuild", place).then((result) => {
    isAnswered = true;
    return result;
  });
  // Once another request was answered, this one was looked at.
  await connection.request("daemon/status", {});
  assert.equal(isAnswered, false);
  await ask("/", "⨯ ./app/page.js:3:9", "Error: Unexpected token");
  const failed = await waiting;
  assert.equal(failed.status, "failed");
  assert.deepEqual(failed.errors[0]?.place, { file: "app/page.js", line: 3, column: 9 });

  const next = connection.request("session/waitForCleanBuild", {
    ...place,
    sinceSeq: failed.seq,
    graceMs: 30_000,
  });
  await ask("/", "○ Compiling / ...");
  await ask("/", "✓ Compiled / in 300ms");
  assert.equal((await next).status, "clean");
});

test("an error of a package that turbo runs is at its file, and no news once that was changed", async (context) => {
  const file = "packages/web/src/main.ts";
  const { cwd, home, place, ask } = await puppetServer(context, (root) => {
    writeFileSync(join(root, "package.json"), JSON.stringify({ workspaces: ["packages/*"] }));
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, "packages/web/package.json"), JSON.stringify({ name: "@mono/web" }));
    writeFileSync(join(root, file), "document.title = = 'b';\n");
  });
  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  const report = [
    "2:39:21 PM [vite] Internal server error: Transform failed with 1 error:",
    "[PARSE_ERROR] Unexpected token",
    "   ╭─[ src/main.ts:1:18 ]",
  ];
  await ask("/", ...report.map((line) => `@mono/web:dev: ${line}`));
  await heard(connection, "failed");
  const failed = await connection.request("session/waitForCleanBuild", place);
  assert.deepEqual(failed.errors[0]?.place, { file, line: 1, column: 18 });
  const [event] = await waitFor("the error to be complete", async () => {
    const { events } = await connection.request("session/events", { ...place, limit: 10, types: ["error"] });
    return events.length > 0 && events;
  });
  assert.deepEqual(event?.kind === "error" && event.place?.file, file);
  // Vite says nothing of a file that never loaded and was mended.
  writeFileSync(join(cwd, file), "document.title = 'b';\n");
  const mended = await connection.request("session/waitForCleanBuild", { ...place, graceMs: 0 });
  assert.deepEqual([mended.status, mended.errorCount], ["unknown", 0]);
});

test("no build within the grace: what was there is the answer", async (context) => {
  const { home, place, ask } = await puppetServer(context);
  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  await ask("/", "✓ Ready in 266ms");
  await heard(connection, "clean");
  const { seq } = await connection.request("session/waitForCleanBuild", place);
  const later = await connection.request("session/waitForCleanBuild", {
    ...place,
    sinceSeq: seq,
    graceMs: 300,
  });
  assert.equal(later.status, "clean");
  assert.ok(later.elapsedMs >= 290, `it waited ${later.elapsedMs} ms`);
});

test("what was just changed has its time to be noticed, though the server never said anything", async (context) => {
  const { home, place } = await puppetServer(context);
  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  const wait = () => connection.request("session/waitForCleanBuild", { ...place, graceMs: 300 });
  await wait();
  const { status, elapsedMs } = await wait();
  assert.equal(status, "unknown");
  assert.ok(elapsedMs >= 290, `it waited ${elapsedMs} ms`);
});

test("a page that failed and was removed since is no failure, and nothing to tell of", async (context) => {
  const { home, cwd, ask } = await puppetServer(context);
  const wait = (path: string) =>
    runCli(["wait", "web", "--grace", "0", "--visit", path, "--cwd", cwd], { home });
  assert.equal((await wait("/broken")).code, 1);
  await ask("/remove");
  assert.deepEqual(await words(wait("/")), [0, "clean"]);
  assert.equal((await wait("/broken")).code, 6, "who asks for it is told that it isn't there");
});

test("a server that says nothing of builds is unknown, with an exit code of its own, until a page of it is asked for", async (context) => {
  const { home, cwd } = await puppetServer(context);
  const wait = (...flags: string[]) =>
    runCli(["wait", "web", "--grace", "0", "--cwd", cwd, ...flags], { home });
  const silent = await wait();
  assert.equal(silent.code, 6);
  assert.match(
    silent.stdout,
    /^unknown: web runs, but it said nothing of a build\n.*devlatch wait web --visit/,
  );
  assert.deepEqual(await words(wait("--visit", "/")), [0, "clean"]);
  const missing = await wait("--visit", "/missing");
  assert.equal(missing.code, 6, "what isn't there shows nothing of what is");
  assert.match(missing.stdout, /GET \/missing was answered with 404/);
});

test("a page that fails without a word stays a failure until it is served, and carries the error that was written", async (context) => {
  const { home, cwd, place, ask } = await puppetServer(context);
  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  const wait = (...flags: string[]) =>
    runCli(["wait", "web", "--grace", "0", "--cwd", cwd, ...flags], { home });
  const failed = [1, "GET /broken was answered with 500\n1 error"];
  assert.deepEqual(await words(wait("--visit", "/broken")), failed);
  assert.deepEqual(await words(wait()), failed, "nothing was mended since");
  assert.deepEqual(await words(wait("--visit", "/")), failed, "another page shows nothing of this one");
  await ask("/", "ReferenceError: nothing is not defined", "    at loader (/srv/app/home.tsx:4:9)");
  const carried = await waitFor("the error to be understood", async () => {
    const { errors } = await connection.request("session/waitForCleanBuild", { ...place, graceMs: 0 });
    return errors[0]?.place && errors[0];
  });
  assert.deepEqual(carried.place, { file: "/srv/app/home.tsx", line: 4, column: 9 });
  assert.match(carried.message, /^GET \/broken was answered with 500: ReferenceError: nothing/);
  await ask("/mend");
  assert.equal((await wait()).code, 0, "it asks for what failed by itself");
});

test("a page is what it loads, too", async (context) => {
  const { home, cwd } = await puppetServer(context);
  const shell = await runCli(["wait", "web", "--grace", "0", "--visit", "/shell", "--cwd", cwd], { home });
  assert.equal(shell.code, 1);
  assert.match(shell.stdout, /^GET \/broken\.js was answered with 500$/m);
});

test("a request that is held back while the build is broken is not waited for", async (context) => {
  const { home, place, ask } = await puppetServer(context);
  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  await ask("/", '✘ [ERROR] Expected ")" but found "}"', "", "    src/index.ts:1:56:");
  await heard(connection, "failed");
  const known = await connection.request("session/waitForCleanBuild", {
    ...place,
    visit: "/hang",
    graceMs: 10,
  });
  assert.deepEqual(known.errors[0]?.place, { file: "src/index.ts", line: 1, column: 57 });
  const waiting = connection.request("session/waitForCleanBuild", {
    ...place,
    visit: "/hang/2",
    graceMs: 60_000,
  });
  await waitFor("the request", async () => {
    const { messages } = await connection.request("session/logs", { ...place, limit: 50 });
    return messages.some(({ text }) => text === "held back /hang/2");
  });
  await ask("/", "✘ [ERROR] Unexpected end of file", "", "    src/index.ts:2:0:");
  assert.equal((await waiting).status, "failed");
});

test("deadline, a server that ends meanwhile, one that doesn't run: each says so", async (context) => {
  const { home, cwd, place, ask } = await puppetServer(context);
  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  await ask("/", "○ Compiling / ...");
  await heard(connection, "compiling");
  const late = await runCli(["wait", "web", "--timeout", "0.5", "--cwd", cwd], { home });
  assert.equal(late.code, 5);
  assert.match(late.stderr, /The build of web took longer than 500 ms/);
  const waiting = assert.rejects(connection.request("session/waitForCleanBuild", place), (error) =>
    hasCode(error, "NOT_RUNNING"),
  );
  await ask("/exit").catch(() => {});
  await waiting;
  const stopped = await runCli(["wait", "web", "--cwd", cwd], { home });
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /doesn't run, so it builds nothing/);
  const never = await runCli(["wait", "api", "--cwd", cwd], { home });
  assert.match(never.stderr, /There is no app "api" here/);
});

test("the next daemon knows the build that its killed predecessor knew", async (context) => {
  const { home, place, ask } = await puppetServer(context);
  const first = await connectTo(home);
  await ask("/", "✓ Ready in 266ms", "⨯ ./app/page.js:3:9", "Error: Unexpected token");
  await heard(first, "failed");
  first.dispose();
  process.kill(home.daemonPid() ?? assert.fail("a daemon runs"), "SIGKILL");
  await waitFor("the daemon to be gone", () => home.daemonPid() === undefined);
  const second = await connectTo(home);
  context.after(() => second.dispose());
  const result = await second.request("session/waitForCleanBuild", place);
  assert.equal(result.status, "failed");
  assert.deepEqual(
    result.errors.map(({ message }) => message),
    ["Unexpected token"],
  );
});

test("an untrusted client may look, and asks the server for nothing", async (context) => {
  const { home, place } = await puppetServer(context);
  const connection = await connectTo(home, { trusted: false });
  context.after(() => connection.dispose());
  const looked = await connection.request("session/waitForCleanBuild", { ...place, graceMs: 0 });
  assert.equal(looked.status, "unknown");
  await assert.rejects(connection.request("session/waitForCleanBuild", { ...place, visit: "/" }), (error) =>
    hasCode(error, "UNTRUSTED_WORKSPACE"),
  );
});
