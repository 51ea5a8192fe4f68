import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { project } from "./project.ts";

const workspace = createWorkspace();
const vite = { devDependencies: { vite: "8" } };

describe("dependencies that aren't installed", () => {
  it("are told with where and how to install them, by the package manager of the workspace", async (t) => {
    const top = await project(t, {
      "package.json": { workspaces: ["apps/*"], packageManager: "pnpm@10.0.0" },
      "apps/web/package.json": vite,
      "apps/web/src/x": "",
    });
    const missing = await workspace.missingModules(join(top, "apps/web/src"));
    assert.deepEqual(missing, { directory: top, install: "pnpm install" });
    await mkdir(join(top, "node_modules/vite"), { recursive: true });
    assert.equal(
      await workspace.missingModules(join(top, "apps/web")),
      undefined,
      "they may all be at the top",
    );
  });

  it("are npm's where nothing else says", async (t) => {
    const top = await project(t, { "package.json": vite });
    assert.deepEqual(await workspace.missingModules(top), { directory: top, install: "npm install" });
  });

  it("are those that npm's lockfile names, where it has one", async (t) => {
    const top = await project(t, { "package.json": vite, "package-lock.json": {} });
    assert.deepEqual(await workspace.missingModules(top), { directory: top, install: "npm ci" });
  });

  it("are named where others are installed; optional ones and those of a peer may be missing", async (t) => {
    const dependencies = { express: "5", "@scope/one": "1", vite: "8" };
    const mayLack = { optionalDependencies: { fsevents: "2" }, peerDependencies: { react: "19" } };
    const top = await project(t, {
      "package.json": { dependencies, ...mayLack },
      "node_modules/vite/index.js": "",
    });
    const names = ["express", "@scope/one"];
    assert.deepEqual(await workspace.missingModules(top), { directory: top, install: "npm install", names });
  });

  it("are none where the package has none, Plug'n'Play stands for them, or there is no package", async (t) => {
    const [plain, pnp, none] = await Promise.all([
      project(t, { "package.json": {} }),
      project(t, { "package.json": vite, ".pnp.cjs": "" }),
      project(t, { "app.py": "" }),
    ]);
    for (const top of [plain, pnp, none]) assert.equal(await workspace.missingModules(top), undefined);
    assert.equal(await workspace.missingModules("/no/such/directory"), undefined);
  });
});
