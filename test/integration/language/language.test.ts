import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Message } from "vscode-jsonrpc/node";
import type { InitializeResult } from "vscode-languageserver/node";
import { hasCode } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import { connectToDaemon } from "../../../shared/client/daemon.ts";
import { LiveClient } from "../../../shared/client/live-client.ts";
import { connectTo, daemonOptions } from "../../support/daemon.ts";
import { createHome, type TestHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";
import { type Editor, openEditor } from "./editor.ts";

interface Desk {
  readonly home: TestHome;
  readonly connection: Connection;
  readonly editor: Editor;
  /** Root of a project whose script `dev` is a server. */
  readonly root: string;
  readonly manifest: string;
  readonly config: string;
}

/** A daemon, a project and an initialised editor. */
async function prepareDesk(t: TestContext): Promise<Desk> {
  const home = createHome(t);
  const root = await prepareProject("plain", t);
  const connection = await connectTo(home, { kind: "window" });
  t.after(() => connection.dispose());
  const editor = openEditor(t, connection);
  await editor.initialize();
  const manifest = join(root, "package.json");
  return { home, connection, editor, root, manifest, config: join(root, "devlatch.json") };
}

async function anotherEditor(t: TestContext, home: TestHome, trusted = true): Promise<Editor> {
  const connection = await connectTo(home, { kind: "window", trusted });
  t.after(() => connection.dispose());
  const editor = openEditor(t, connection);
  await editor.initialize();
  return editor;
}

const caller = () => process.env as Record<string, string>;

test("an editor gets diagnostics and lenses of the open text", async (t) => {
  const { editor, manifest, config } = await prepareDesk(t);
  await editor.open(config, '{"apps": {"web": {"command": "a && b"}}}');
  const [only, ...others] = await editor.diagnosed(config, 1);
  assert.deepEqual(others, []);
  assert.deepEqual(only?.range, { start: { line: 0, character: 32 }, end: { line: 0, character: 34 } });
  assert.deepEqual(await editor.titles(config), ["$(play) Start web"]);
  await editor.open(manifest, readFileSync(manifest, "utf8"));
  assert.deepEqual(await editor.titles(manifest), ["$(play) Start web"]);
});

test("the server says what it can, and says it again to an editor that begins anew", async (t) => {
  const { editor, config } = await prepareDesk(t);
  await editor.open(config, '{"x": 1}');
  await editor.diagnosed(config, 1);
  const { capabilities, serverInfo } = await beginAnew(editor);
  assert.ok(capabilities.codeLensProvider);
  assert.equal(serverInfo?.name, "Devlatch");
  assert.deepEqual(await editor.titles(config), [], "no document outlives its server");
});

/** The same conversation begun anew: `exit` ends the server, and the next message starts another. */
async function beginAnew(editor: Editor): Promise<InitializeResult> {
  await editor.rpc.sendRequest("shutdown");
  await editor.rpc.sendNotification("exit");
  return editor.initialize();
}

test("diagnostics follow each change, go when it is right again and when the file is closed", async (t) => {
  const { editor, config } = await prepareDesk(t);
  await editor.open(config, '{"x": 1}');
  assert.equal((await editor.diagnosed(config, 1)).length, 1);
  await editor.change(config, "{}", 2);
  assert.deepEqual(await editor.diagnosed(config, 2), []);
  await editor.change(config, '{"y": 1}', 3);
  assert.equal((await editor.diagnosed(config, 3)).length, 1);
  const before = editor.published.length;
  await editor.close(config);
  const closed = await waitFor("the closed file's", () => editor.published[before]);
  assert.deepEqual(closed.diagnostics, []);
});

test("of many quick changes the last one's diagnostics are the last to come", async (t) => {
  const { editor, config } = await prepareDesk(t);
  await editor.open(config, "{}");
  const slow = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`a${index}`, { cwd: `no-${index}` }]),
  );
  for (let version = 2; version <= 20; version++) {
    // Looking for so many directories takes a while, in which the next change overtakes.
    await editor.change(config, version % 2 ? JSON.stringify({ apps: slow }) : "{}", version);
  }
  assert.deepEqual(await editor.diagnosed(config, 20), []);
  await editor.titles(config);
  const versions = editor.published.map(({ version }) => version ?? 0);
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => a - b),
  );
  assert.equal(versions.at(-1), 20);
});

test("lenses are refreshed as a session of the sandbox starts and stops, by whomever", async (t) => {
  const { editor, home, root, manifest, config } = await prepareDesk(t);
  await editor.open(manifest, readFileSync(manifest, "utf8"));
  await editor.open(config, '{"apps": {"web": {}}}');
  assert.deepEqual(await editor.titles(manifest), ["$(play) Start web"]);
  const other = await connectTo(home);
  t.after(() => other.dispose());
  const port = await freePort();

  await other.request("session/start", { cwd: root, app: "web", port, env: caller() });
  await waitFor("a refresh", () => editor.refreshes > 0);
  const running = [`$(debug-stop) Stop web  :${port}`, "$(debug-alt) Attach Debugger"];
  assert.deepEqual(await editor.titles(manifest), running);
  assert.deepEqual(await editor.titles(config), running);
  const [lens] = await editor.lenses(manifest);
  assert.deepEqual(lens?.command?.arguments, [{ app: "web", cwd: root }]);

  const before = editor.refreshes;
  await other.request("session/stop", { cwd: root, app: "web" });
  await waitFor("another refresh", () => editor.refreshes > before);
  await waitFor(
    "the lens to start it",
    async () => (await editor.titles(manifest))[0] === "$(play) Start web",
  );
});

test("sessions of other sandboxes ask for no refresh", async (t) => {
  const { editor, home, manifest } = await prepareDesk(t);
  await editor.open(manifest, readFileSync(manifest, "utf8"));
  await editor.titles(manifest);
  const elsewhere = await prepareProject("plain", t);
  const other = await connectTo(home);
  t.after(() => other.dispose());
  await other.request("session/start", { cwd: elsewhere, app: "web", port: await freePort(), env: caller() });
  await other.request("session/stop", { cwd: elsewhere, app: "web" });
  await editor.titles(manifest);
  assert.equal(editor.refreshes, 0);
});

test("two editors at once have their own documents, and both hear of the session", async (t) => {
  const { editor: one, home, root, manifest, config } = await prepareDesk(t);
  const two = await anotherEditor(t, home);
  await one.open(config, '{"only in one": 1}');
  await two.open(config, "{}");
  assert.equal((await one.diagnosed(config, 1)).length, 1);
  assert.deepEqual(await two.diagnosed(config, 1), []);
  for (const editor of [one, two]) {
    await editor.open(manifest, readFileSync(manifest, "utf8"));
    await editor.titles(manifest);
  }
  const other = await connectTo(home);
  t.after(() => other.dispose());
  await other.request("session/start", { cwd: root, app: "web", port: await freePort(), env: caller() });
  for (const editor of [one, two]) await waitFor("a refresh", () => editor.refreshes > 0);
  await other.request("session/stop", { cwd: root, app: "web" });
});

test("an untrusted workspace is looked at like any other", async (t) => {
  const { home, manifest, config } = await prepareDesk(t);
  const editor = await anotherEditor(t, home, false);
  await editor.open(config, '{"x": 1}');
  assert.equal((await editor.diagnosed(config, 1)).length, 1);
  await editor.open(manifest, readFileSync(manifest, "utf8"));
  assert.deepEqual(await editor.titles(manifest), ["$(play) Start web"]);
});

test("a file that isn't on the disk, or isn't a file, has diagnostics but does no harm", async (t) => {
  const { editor, root } = await prepareDesk(t);
  const unsaved = join(root, "not/there/package.json");
  await editor.open(unsaved, '{"scripts": {"dev": "vite"}}');
  assert.deepEqual(await editor.titles(unsaved), []);
  const textDocument = { uri: "untitled:devlatch.json", languageId: "json", version: 1, text: '{"x": 1}' };
  await editor.rpc.sendNotification("textDocument/didOpen", { textDocument });
  assert.deepEqual(await editor.rpc.sendRequest("textDocument/codeLens", { textDocument }), []);
  assert.deepEqual(await editor.rpc.sendRequest("textDocument/codeLens", { textDocument: { uri: "x" } }), []);
});

const jsonrpc = "2.0";
/** What no editor sends. */
const garbage: readonly Record<string, unknown>[] = [
  { jsonrpc },
  { jsonrpc, id: 1 },
  { jsonrpc, id: {}, method: [] },
  { jsonrpc, method: "no/such/method", params: 3 },
  { jsonrpc, id: 7, method: "no/such/request" },
  { jsonrpc, id: 99, result: "not asked for" },
  { jsonrpc, id: null, error: { code: "x" } },
  { jsonrpc, id: 8, method: "initialize" },
  { jsonrpc, id: 9, method: "initialize", params: { capabilities: null } },
  { jsonrpc, id: 10, method: "textDocument/codeLens", params: {} },
  { jsonrpc, method: "textDocument/didOpen" },
  { jsonrpc, method: "textDocument/didOpen", params: { textDocument: { uri: 5, text: {} } } },
  {
    jsonrpc,
    method: "textDocument/didOpen",
    params: { textDocument: { uri: "file:///x/devlatch.json", text: 5 } },
  },
  { jsonrpc, method: "textDocument/didChange", params: { textDocument: { uri: "x" }, contentChanges: [{}] } },
  { jsonrpc, method: "textDocument/didChange", params: { textDocument: null, contentChanges: null } },
  { jsonrpc, method: "$/cancelRequest", params: { id: "never" } },
  { jsonrpc, method: "$/setTrace", params: null },
  { jsonrpc, method: "exit" },
];

test("garbage in the tunnel leaves the daemon, the other editors and this connection as they were", async (t) => {
  const { editor, home, connection, config } = await prepareDesk(t);
  const other = await connectTo(home, { kind: "window" });
  t.after(() => other.dispose());
  const pid = home.daemonPid();
  for (const message of garbage) {
    await other.notify("language/message", { message: message as unknown as Message });
  }
  for (const value of [
    undefined,
    null,
    3,
    {},
    { message: "x" },
    { message: { jsonrpc: "1.0" } },
    { message: [] },
  ]) {
    await other.notify("language/message", value as unknown as { message: Message });
  }
  await other.notify("no/such/notification" as "language/message", {} as unknown as { message: Message });
  assert.equal((await other.request("daemon/status", {})).daemon.pid, pid);
  await editor.open(config, '{"x": 1}');
  assert.equal((await editor.diagnosed(config, 1)).length, 1);
  const after = openEditor(t, other);
  await after.initialize();
  await after.open(config, '{"x": 1}');
  assert.equal((await after.diagnosed(config, 1)).length, 1);
  assert.equal((await connection.request("daemon/status", {})).daemon.pid, pid);
});

test("a client that says exit without a word before ends its language server, and not the daemon", async (t) => {
  const { editor, home, config } = await prepareDesk(t);
  const pid = home.daemonPid();
  await editor.rpc.sendNotification("exit");
  await editor.initialize();
  await editor.open(config, '{"x": 1}');
  assert.equal((await editor.diagnosed(config, 1)).length, 1);
  assert.equal(home.daemonPid(), pid);
});

test("a client that goes takes its server along: sessions that change later find no client to tell", async (t) => {
  const { home, root, manifest } = await prepareDesk(t);
  const connection = await connectTo(home, { kind: "window" });
  const editor = openEditor(t, connection);
  await editor.initialize();
  await editor.open(manifest, readFileSync(manifest, "utf8"));
  await editor.titles(manifest);
  connection.dispose();
  const other = await connectTo(home);
  t.after(() => other.dispose());
  await other.request("session/start", { cwd: root, app: "web", port: await freePort(), env: caller() });
  await other.request("session/stop", { cwd: root, app: "web" });
  assert.equal((await other.request("daemon/status", {})).daemon.pid, home.daemonPid());
  await assert.rejects(connection.notify("language/message", { message: { jsonrpc } }), (error) =>
    hasCode(error, "DAEMON_UNAVAILABLE"),
  );
});

test("a live client refuses to notify while disconnected, and does over the next connection", async (t) => {
  const home = createHome(t);
  const client = new LiveClient({ open: (signal) => connectToDaemon(daemonOptions(home), signal) });
  t.after(() => client.dispose());
  await assert.rejects(client.notify("language/message", { message: { jsonrpc } }), (error) =>
    hasCode(error, "DAEMON_UNAVAILABLE"),
  );
  const first = await connectTo(home);
  t.after(() => first.dispose());
  await waitFor("the client to connect", () => client.link.kind === "connected");
  const answers: Message[] = [];
  client.onNotification("language/message", ({ message }) => answers.push(message));
  const params = { processId: null, rootUri: null, capabilities: {} };
  const message = { jsonrpc, id: 1, method: "initialize", params } as Message;
  await client.notify("language/message", { message });
  await waitFor("an answer", () => answers.some((one) => "id" in one && one.id === 1));
});

test("a configuration saved on the disk gives its names to the scripts of the package", async (t) => {
  const { editor, manifest, config } = await prepareDesk(t);
  writeFileSync(config, '{"apps": {"shop": {"command": "npm run dev", "port": 4000}}}');
  await editor.open(manifest, readFileSync(manifest, "utf8"));
  assert.deepEqual(await editor.titles(manifest), ["$(play) Start shop"]);
});
