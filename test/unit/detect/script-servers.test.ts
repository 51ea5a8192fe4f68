import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { project } from "./project.ts";

const workspace = createWorkspace();

/** What is there only as a script, by name and text. */
async function scriptsIn(t: TestContext, files: Readonly<Record<string, unknown>>) {
  const root = await project(t, files);
  const { scripts = [], apps } = await workspace.describe(root);
  return { root, scripts, apps: apps.map(({ app }) => app) };
}

const shop = {
  "package.json": { workspaces: ["apps/*"] },
  "apps/web/package.json": { name: "web", scripts: { dev: "vite" } },
  "apps/api/package.json": {
    name: "@shop/api",
    scripts: { build: "tsc", debug: "node --inspect --watch server.js", watch: "node --watch server.js" },
  },
  "apps/tools/package.json": { name: "tools", scripts: { build: "tsc" } },
};

test("a package with a server that is no app is told by name, with the script it is developed by", async (t) => {
  const { root, scripts, apps } = await scriptsIn(t, shop);
  assert.deepEqual(apps, ["web"]);
  assert.deepEqual(scripts, [
    {
      ...{ app: "api", cwd: join(root, "apps/api") },
      ...{ command: ["npm", "run", "debug"], script: "node --inspect --watch server.js" },
    },
  ]);
});

test("once it is in devlatch.json it is an app, and told no more", async (t) => {
  const config = { apps: { api: { command: "npm run watch", cwd: "apps/api" } } };
  const { scripts, apps } = await scriptsIn(t, { ...shop, "devlatch.json": config });
  assert.deepEqual([scripts, apps.sort()], [[], ["api", "web"]]);
});

test("another package of that name goes by its path; a file that can't be read may have them all", async (t) => {
  const config = { apps: { api: { command: "node elsewhere.js" } } };
  const named = await scriptsIn(t, { ...shop, "devlatch.json": config });
  assert.deepEqual(
    named.scripts.map(({ app }) => app),
    ["apps-api"],
  );
  const broken = await scriptsIn(t, { ...shop, "devlatch.json": { apps: 3 } });
  assert.deepEqual(broken.scripts, []);
});

test("beside an app of the same package a script is a server of its own where name and framework are others", async (t) => {
  const scripts = {
    ...{ dev: "vite", preview: "vite preview", start: "node server.js", "dev:https": "vite --https" },
    ...{ "dev:api": "node --watch api.js", mobile2: "vite --mode mobile", docs: "vitepress dev" },
  };
  const found = await scriptsIn(t, { "package.json": { scripts } });
  assert.deepEqual(
    found.scripts.map(({ app, script }) => [app, script]),
    [
      ["api", "node --watch api.js"],
      ["docs", "vitepress dev"],
    ],
  );
});

test("beside a plain server another file is a server of its own, the same file is not", async (t) => {
  const scripts = {
    dev: "node web.js",
    "dev:api": "node --watch ./api.js",
    "dev:loud": "node --watch web.js",
  };
  const found = await scriptsIn(t, { "package.json": { scripts } });
  assert.deepEqual(
    found.scripts.map(({ app }) => app),
    ["api"],
  );
});
