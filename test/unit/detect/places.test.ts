import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { project } from "./project.ts";

const workspace = createWorkspace();

describe("the packages of a workspace", () => {
  const members = async (...path: string[]) =>
    Object.fromEntries(await workspace.packageDirectories(join(...path)));

  it("are found by name from its root, those with a name and a readable file", async (t) => {
    const top = await project(t, {
      "package.json": { workspaces: ["apps/*", "packages/*"] },
      "apps/web/package.json": { name: "@mono/web" },
      "packages/nameless/package.json": {},
      "packages/broken/package.json": "{",
      "elsewhere/package.json": { name: "elsewhere" },
    });
    assert.deepEqual(await members(top), { "@mono/web": "apps/web" });
    assert.deepEqual(await members(top, "apps/web"), {}, "no root");
    assert.deepEqual(await members(top, "missing"), {});
    await writeFile(join(top, "pnpm-workspace.yaml"), "packages:\n  - elsewhere\n");
    assert.deepEqual(await members(top), { elsewhere: "elsewhere" });
  });
});

describe("the sandbox of a directory is", () => {
  const rootOf = async (...path: string[]) => (await workspace.locate(join(...path))).root;

  it("where the nearest devlatch.json is, with the id it sets", async (t) => {
    const top = await project(t, {
      "package.json": { workspaces: ["apps/*"] },
      "apps/web/package.json": {},
      "apps/web/devlatch.json": { sandbox: "team-box" },
      "apps/web/src/x": "",
    });
    assert.deepEqual(await workspace.locate(join(top, "apps/web/src")), {
      root: join(top, "apps/web"),
      directory: join(top, "apps/web/src"),
      configFile: join(top, "apps/web/devlatch.json"),
      explicitId: "team-box",
    });
  });

  it("else the workspace the nearest package is a member of", async (t) => {
    const top = await project(t, {
      "mono/package.json": { workspaces: ["apps/*"] },
      "mono/apps/web/package.json": {},
      "mono/apps/web/src/x": "",
      "mono/other/package.json": {},
    });
    const directory = join(top, "mono/apps/web/src");
    assert.deepEqual(await workspace.locate(directory), { root: join(top, "mono"), directory });
    assert.equal(await rootOf(top, "mono"), join(top, "mono"));
    assert.equal(await rootOf(top, "mono/other"), join(top, "mono/other"));
  });

  it("else the git checkout", async (t) => {
    const top = await project(t, { "a/b/x": "" });
    assert.equal(await rootOf(top, "a/b"), top);
  });

  it("never above the checkout: a worktree inside another project is a place of its own", async (t) => {
    const top = await project(t, {
      "devlatch.json": { sandbox: "outer" },
      "package.json": {},
      "trees/one/x": "",
    });
    await writeFile(join(top, "trees/one/.git"), "gitdir: elsewhere");
    const root = join(top, "trees/one");
    assert.deepEqual(await workspace.locate(root), { root, directory: root });
  });

  it("still the same, with the same id, while devlatch.json is broken", async (t) => {
    const top = await project(t, { "devlatch.json": '{"sandbox": "team-box", "apps": {"web": }}' });
    assert.equal((await workspace.locate(top)).explicitId, "team-box");
  });

  it("an error where there is no such directory", async (t) => {
    const top = await project(t, { file: "" });
    await assert.rejects(workspace.locate(join(top, "absent")), { code: "DIRECTORY_MISSING" });
    await assert.rejects(workspace.locate(join(top, "file")), { code: "DIRECTORY_MISSING" });
  });
});

describe("the description of a workspace", () => {
  it("lists what can be started, configured or found", async (t) => {
    const root = await project(t, {
      "package.json": { scripts: { dev: "next dev", storybook: "storybook dev" } },
      "devlatch.json": { apps: { api: { command: "node 'the api.js'", port: 4000 } } },
    });
    assert.deepEqual(await workspace.describe(root), {
      root,
      apps: [
        { app: "api", command: "node 'the api.js'", cwd: root, port: 4000, source: "config" },
        { app: "web", command: "npm run dev", cwd: root, port: 3000, source: "detected", framework: "next" },
        {
          app: "storybook",
          command: "npm run storybook",
          cwd: root,
          port: 6006,
          source: "detected",
          framework: "storybook",
        },
      ],
      configured: ["api"],
      problems: [],
    });
  });

  it("goes on without a devlatch.json that is broken, and says where it is", async (t) => {
    const root = await project(t, {
      "package.json": { scripts: { dev: "vite" } },
      "devlatch.json": '{"apps": 3}',
    });
    const found = await workspace.describe(root);
    assert.deepEqual(
      found.apps.map((one) => one.app),
      ["web"],
    );
    assert.equal(found.problems.length, 1);
    assert.equal(found.problems[0]?.file, join(root, "devlatch.json"));
    assert.match(found.problems[0]?.message ?? "", /devlatch\.json:1:10: apps/);
  });

  it("never throws for bad files: each is a problem, once", async (t) => {
    const root = await project(t, {
      "package.json": { workspaces: ["apps/*"] },
      "apps/a/package.json": "",
      "apps/b/package.json": "[1]",
      "apps/c/package.json": '{"scripts": 3, "workspaces": 5, "name": []}',
      "devlatch.json": { apps: { lost: { command: "x", cwd: "absent" } } },
    });
    await mkdir(join(root, "apps/d/package.json"), { recursive: true });
    const found = await workspace.describe(root);
    const said = found.problems.map((one) => one.message.replace(root, "")).sort();
    assert.deepEqual(said, [
      "/apps/a/package.json is empty.",
      "/apps/b/package.json:1:1: a package.json holds one object.",
      "/apps/d/package.json is a directory, not a file.",
      "The directory /absent doesn't exist.",
    ]);
    assert.deepEqual(found.apps, []);
  });

  it("has each of several packages that could be web by its own name", async (t) => {
    const dev = { scripts: { dev: "vite" } };
    const root = await project(t, {
      "package.json": { workspaces: ["apps/*"] },
      "apps/a/package.json": dev,
      "apps/b/package.json": { ...dev, name: "@acme/B Side" },
      "apps/phone/package.json": { scripts: { start: "expo start" } },
    });
    for (const cwd of [root, join(root, "apps/b")]) {
      const { apps, problems } = await workspace.describe(cwd);
      assert.deepEqual(problems, []);
      const found = apps.map(({ app, cwd }) => `${app} in ${relative(root, cwd)}`).sort();
      assert.deepEqual(found, ["a in apps/a", "b-side in apps/b", "mobile in apps/phone"]);
    }
  });
});
