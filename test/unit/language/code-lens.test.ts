import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { CodeLens } from "vscode-languageserver/node";
import { codeLenses, type FindSession } from "../../../daemon/language/code-lens.ts";
import type { OpenDocument } from "../../../daemon/language/documents.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { project } from "../detect/project.ts";
import { open, ready, record, textIn } from "./texts.ts";

const nothingRuns: FindSession = () => undefined;

/** Each lens as the text it stands above and its title, without the debugger's beside a server that is ready. */
async function lensesOf(
  document: OpenDocument,
  find: FindSession = nothingRuns,
): Promise<[string, string | undefined][]> {
  const lenses = await codeLenses(document, find);
  return lenses
    .filter(({ command }) => command?.command !== "devlatch.attachDebugger")
    .map(({ range, command }) => [textIn(document, range), command?.title]);
}

function argumentOf(lens: CodeLens | undefined): unknown {
  return lens?.command?.arguments?.[0];
}

const next = { dependencies: { next: "16" } };

test("a script that is a dev server has a lens, a task has none", async (t) => {
  const root = await project(t, {});
  const scripts = {
    build: "next build",
    dev: "next dev",
    lint: "echo npm run dev",
    "dev:help": "next dev --help",
  };
  const document = open(join(root, "package.json"), { ...next, scripts });
  assert.deepEqual(await lensesOf(document), [['"dev"', "$(play) Start web"]]);
});

test("the lens starts the app from the file's directory", async (t) => {
  const root = await project(t, {});
  const [lens] = await codeLenses(
    open(join(root, "package.json"), { scripts: { dev: "vite" } }),
    nothingRuns,
  );
  assert.equal(lens?.command?.command, "devlatch.start");
  assert.deepEqual(argumentOf(lens), { app: "web", cwd: root });
});

test("another server script of the same app names itself, so that it is that one that runs", async (t) => {
  const root = await project(t, { "pnpm-lock.yaml": "" });
  const scripts = { dev: "next dev", "dev:https": "next dev --experimental-https" };
  const lenses = await codeLenses(open(join(root, "package.json"), { ...next, scripts }), nothingRuns);
  assert.deepEqual(lenses.map(argumentOf), [
    { app: "web", cwd: root },
    { app: "web", cwd: root, command: ["pnpm", "run", "dev:https"] },
  ]);
});

test("web, mobile and storybook are told apart", async (t) => {
  const root = await project(t, {});
  const scripts = { dev: "next dev", start: "expo start", storybook: "storybook dev -p 6006" };
  assert.deepEqual(await lensesOf(open(join(root, "package.json"), { scripts })), [
    ['"dev"', "$(play) Start web"],
    ['"start"', "$(play) Start mobile"],
    ['"storybook"', "$(play) Start storybook"],
  ]);
});

test("the configuration's name for a script is the one offered", async (t) => {
  const root = await project(t, { "devlatch.json": { apps: { shop: { command: "npm run dev" } } } });
  assert.deepEqual(await lensesOf(open(join(root, "package.json"), { scripts: { dev: "vite" } })), [
    ['"dev"', "$(play) Start shop"],
  ]);
});

test("a script that starts several apps or packages at once has no lens", async (t) => {
  const root = await project(t, {});
  const scripts = { dev: "concurrently 'next dev' 'expo start'" };
  assert.deepEqual(await lensesOf(open(join(root, "package.json"), { scripts })), []);
});

test("what isn't saved yet counts already", async (t) => {
  const root = await project(t, { "package.json": { scripts: { dev: "vite" } } });
  const document = open(join(root, "package.json"), { scripts: { serve: "vite" } });
  assert.deepEqual(await lensesOf(document), [['"serve"', "$(play) Start web"]]);
});

test("a package.json in the middle of typing keeps its lenses", async (t) => {
  const root = await project(t, {});
  const document = open(join(root, "package.json"), '{\n  "scripts": {\n    "dev": "vite",\n    "');
  assert.deepEqual(await lensesOf(document), [['"dev"', "$(play) Start web"]]);
});

for (const text of [
  "",
  "[]",
  "null",
  '{"scripts": 3}',
  '{"scripts": {"dev": 3}}',
  '{"scripts": ["vite"]}',
  "{{{",
]) {
  test(`a package.json of ${text || "nothing"} has no lens and does no harm`, async (t) => {
    const root = await project(t, {});
    assert.deepEqual(await lensesOf(open(join(root, "package.json"), text)), []);
  });
}

const states: readonly (readonly [SessionState, string, string])[] = [
  [ready, "$(debug-stop) Stop web  :3000", "devlatch.stop"],
  [{ kind: "starting", since: 1, phase: "spawned" }, "$(debug-stop) Stop web  starting…", "devlatch.stop"],
  [{ kind: "stopping", since: 1 }, "$(loading~spin) web is stopping", ""],
  [{ kind: "stopped", since: 1 }, "$(play) Start web", "devlatch.start"],
  [
    { kind: "failed", since: 1, error: { code: "X", message: "", remedy: "", logTail: [] } },
    "$(play) Start web",
    "devlatch.start",
  ],
];

for (const [state, title, command] of states) {
  test(`while the session is ${state.kind} the lens of script and app says "${title}"`, async (t) => {
    const root = await project(t, {});
    const find: FindSession = (app) =>
      app === "web" ? record("web", { command: ["npm", "run", "dev"], cwd: root }, state) : undefined;
    for (const document of [
      open(join(root, "package.json"), { scripts: { dev: "vite" } }),
      open(join(root, "devlatch.json"), { apps: { web: {} } }),
    ]) {
      const [lens, ...others] = await codeLenses(document, find);
      assert.deepEqual([lens?.command?.title, lens?.command?.command], [title, command]);
      assert.deepEqual(
        others.map((other) => other.command?.command),
        state.kind === "ready" ? ["devlatch.attachDebugger"] : [],
      );
    }
  });
}

test("only the script that runs can be stopped, also with a port appended", async (t) => {
  const root = await project(t, {});
  const scripts = { dev: "next dev", "dev:https": "next dev --experimental-https" };
  const command = ["npm", "run", "dev:https", "--", "-p", "3001"];
  const document = open(join(root, "package.json"), { ...next, scripts });
  assert.deepEqual(await lensesOf(document, () => record("web", { command, cwd: root })), [
    ['"dev"', "$(play) Start web"],
    ['"dev:https"', "$(debug-stop) Stop web  :3000"],
  ]);
});

test("a server started from the workspace's root is that of the package it runs in, and of no other", async (t) => {
  const files = {
    "package.json": { workspaces: ["apps/*"], scripts: { dev: "npm run dev -w shop" } },
    "apps/shop/package.json": { name: "shop", scripts: { dev: "vite" } },
    "apps/blog/package.json": { name: "blog", scripts: { dev: "vite" } },
  };
  const root = await project(t, files);
  const find: FindSession = () => record("web", { command: ["npm", "run", "dev"], cwd: root });
  const titles = async (path: keyof typeof files) =>
    (await lensesOf(open(join(root, path), files[path]), find))[0]?.[1];
  assert.equal(await titles("package.json"), "$(debug-stop) Stop web  :3000");
  assert.equal(await titles("apps/shop/package.json"), "$(debug-stop) Stop web  :3000");
  assert.equal(await titles("apps/blog/package.json"), "$(play) Start blog");
});

test("each app of devlatch.json has a lens above its name, also while the rest is wrong", async () => {
  const text = '{\n  "apps": {\n    "web": { "prot": 1 },\n    "api": {},\n    "Bad Name": {}\n  },\n  "x": ';
  const document = open("/nowhere/devlatch.json", text);
  assert.deepEqual(await lensesOf(document), [
    ['"web"', "$(play) Start web"],
    ['"api"', "$(play) Start api"],
  ]);
  assert.deepEqual(argumentOf((await codeLenses(document, nothingRuns))[0]), { app: "web", cwd: "/nowhere" });
});

test("packages that were installed have no lenses", async (t) => {
  const root = await project(t, {});
  const document = open(join(root, "node_modules/x/package.json"), { scripts: { dev: "vite" } });
  assert.deepEqual(await lensesOf(document), []);
});

test("beside a configured web, another package's scripts are that package's app, and each says which", async (t) => {
  const api = { name: "@shop/api", scripts: { dev: "node --watch server.js", start: "node server.js" } };
  const files = {
    "devlatch.json": { apps: { web: { command: "npm run dev", cwd: "apps/web" } } },
    "apps/web/package.json": { name: "web", scripts: { dev: "vite" } },
    "apps/api/package.json": api,
    "apps/api/server.js": "",
  };
  const root = await project(t, files);
  const document = open(join(root, "apps/api/package.json"), api);
  const runs: FindSession = (app) =>
    app === "web"
      ? record("web", { command: ["npm", "run", "dev"], cwd: join(root, "apps/web") })
      : undefined;
  const lenses = await codeLenses(document, runs);
  assert.deepEqual(lenses.map(argumentOf), [
    { app: "api", cwd: join(root, "apps/api") },
    { app: "api", cwd: join(root, "apps/api"), command: ["npm", "run", "start"] },
  ]);
  const own = open(join(root, "apps/web/package.json"), files["apps/web/package.json"]);
  assert.deepEqual(await lensesOf(own, runs), [['"dev"', "$(debug-stop) Stop web  :3000"]]);
});

test("a server beside the app of its own package offers to be set up by its script's name, and starts in no other's place", async (t) => {
  const both = {
    scripts: { dev: "vite", "dev:api": "node --watch server.js", "dev:test": "node --test --watch" },
  };
  const root = await project(t, { "package.json": both });
  const lenses = await codeLenses(open(join(root, "package.json"), both), () => undefined);
  assert.deepEqual(
    lenses.map(({ command }) => command?.title),
    ["$(play) Start web", "$(add) Set up api"],
  );
});

test("a server script of no app offers to set one up, and never starts in another app's place", async (t) => {
  const mock = { name: "mock", scripts: { "serve:mock": "vite --mode mock" } };
  const root = await project(t, {
    "devlatch.json": { apps: { web: { command: "npm run dev" } } },
    "package.json": { scripts: { dev: "vite" } },
    "tools/mock/package.json": mock,
  });
  const document = open(join(root, "tools/mock/package.json"), mock);
  const [lens, ...others] = await codeLenses(document, (app) =>
    record(app, { command: ["npm", "run", "dev"], cwd: root }),
  );
  assert.deepEqual(others, []);
  assert.equal(lens?.command?.title, "$(add) Set up mock");
  assert.equal(lens?.command?.command, "devlatch.openConfig");
  const command = ["npm", "run", "serve:mock"];
  assert.deepEqual(argumentOf(lens), { app: "mock", cwd: join(root, "tools/mock"), command });
});
