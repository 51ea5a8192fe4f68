import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { type Files, project } from "./project.ts";

const { detect, plan, seePort } = createWorkspace();

const npmNx = ["npm", "exec", "--no", "--", "nx", "run"];
const plugins = (...names: unknown[]): Files => ({ "nx.json": { plugins: names } });
const root: Files = { "package.json": { name: "@ws/source", devDependencies: { vite: "8", next: "16" } } };

/** A workspace whose projects have a `project.json` alone, as integrated ones do. */
const integrated: Files = {
  ...root,
  ...plugins("@nx/vite/plugin", { plugin: "@nx/next/plugin", options: { devTargetName: "start-dev" } }),
  "apps/shop/project.json": { name: "shop", projectType: "application" },
  "apps/shop/vite.config.ts": "export default { server: { port: 4210 } };",
  "apps/shop/index.html": "",
  "apps/pages/project.json": { name: "pages", projectType: "application" },
  "apps/pages/next.config.js": "",
  "libs/ui/project.json": { name: "ui", projectType: "library" },
  "libs/ui/vite.config.ts": "",
  "apps/api/project.json": {
    name: "api",
    targets: { serve: { executor: "@nx/js:node", options: { buildTarget: "api:build" } } },
  },
  "apps/panel/project.json": {
    name: "panel",
    targets: { serve: { executor: "@nx/angular:dev-server", options: { port: 4215 } } },
  },
  "apps/tool/project.json": {
    name: "tool",
    targets: {
      dev: { executor: "nx:run-commands", options: { command: "vite --port 4220", cwd: "apps/tool" } },
    },
  },
  // A built package is no project.
  "dist/apps/shop/package.json": { name: "shop", scripts: { dev: "next dev" } },
};

/** A command line; what it starts: its framework (or `plain`), port and directory, or `no`. */
const lines: readonly (readonly [string, string])[] = [
  ["nx serve shop", "vite 4210 apps/shop"],
  ["nx dev shop", "vite 4210 apps/shop"],
  ["nx run shop:serve --port 4999", "vite 4999 apps/shop"],
  ["npx nx run shop:serve", "vite 4210 apps/shop"],
  ["nx run pages:start-dev", "next 3000 apps/pages"],
  ["nx serve api", "plain 3000 apps/api"],
  ["nx serve panel", "angular 4215 apps/panel"],
  ["nx dev tool", "vite 4220 apps/tool"],
  ["nx build shop", "no"],
  ["nx test ui", "no"],
];

describe("Nx' targets", () => {
  it("are what project.json says, or what plugins infer from a project's files", async (t) => {
    const cwd = await project(t, integrated);
    for (const [line, expected] of lines) {
      const found = await detect(line.split(" "), cwd);
      const said = found.devServer ? `${found.framework ?? "plain"} ${found.port}` : "no";
      assert.equal(said, expected.split(" ").slice(0, 2).join(" "), line);
    }
  });

  it("are those of a project that is the workspace's root, too", async (t) => {
    const cwd = await project(t, {
      ...plugins("@nx/vite/plugin"),
      "package.json": { name: "alone", devDependencies: { vite: "8" } },
      "vite.config.ts": "export default { server: { port: 4230 } };",
      "index.html": "",
    });
    const { framework, port } = await detect(["nx", "serve", "alone"], cwd);
    assert.deepEqual([framework, port], ["vite", 4230]);
  });

  it("are how an app without a script is started, from its directory and by its name", async (t) => {
    const cwd = await project(t, integrated);
    const own = await seePort(await plan({ app: "web", cwd: join(cwd, "apps/shop") }));
    assert.deepEqual(own.command, [...npmNx, "shop:dev"]);
    assert.deepEqual([own.framework, own.cwd, own.port], ["vite", join(cwd, "apps/shop"), 4210]);
    const called = await plan({ app: "api", cwd });
    assert.deepEqual([called.command, called.cwd], [[...npmNx, "api:serve"], join(cwd, "apps/api")]);
  });

  it("come after a script of the package, and before what the root depends on", async (t) => {
    const cwd = await project(t, {
      ...root,
      ...plugins("@nx/vite/plugin"),
      "package.json": { workspaces: ["apps/*"], devDependencies: { vite: "8" } },
      "apps/shop/package.json": { name: "@ws/shop" },
      "apps/shop/vite.config.ts": "",
      "apps/shop/index.html": "",
    });
    assert.deepEqual((await plan({ app: "web", cwd })).command, [...npmNx, "@ws/shop:dev"]);
    const scripted = await project(t, {
      ...integrated,
      "apps/shop/package.json": { name: "shop", scripts: { dev: "vite" } },
    });
    assert.deepEqual((await plan({ app: "web", cwd: join(scripted, "apps/shop") })).command, [
      "npm",
      "run",
      "dev",
    ]);
  });

  it("of hostile files do nothing: no project, names that are options, targets of any shape, a loop", async (t) => {
    const files: Files = {
      ...root,
      "nx.json": { plugins: [1, { plugin: "__proto__" }, { plugin: "@nx/vite/plugin", options: 7 }] },
      "apps/a/project.json": { name: "--help", projectType: "application", targets: { serve: 1, dev: null } },
      "apps/b/project.json": "[".repeat(5_000),
      "apps/c/project.json": { name: "c", targets: { serve: { command: "nx serve c" } } },
      "apps/e/project.json": {
        name: "e",
        targets: {
          serve: { executor: "nx:run-commands", options: { command: "npm run dev", cwd: "x\u0000y" } },
        },
      },
      "apps/d/project.json": { version: "1.0.0-*", frameworks: {} },
    };
    const cwd = await project(t, files);
    for (const name of ["a", "b", "d"])
      assert.equal((await detect(["nx", "build", name], cwd)).devServer, false);
    for (const name of ["c", "e"]) await detect(["nx", "serve", name], cwd);
    for (const name of ["a", "b", "c"])
      await assert.rejects(plan({ app: "web", cwd: join(cwd, "apps", name) }), { code: "UNKNOWN_APP" }, name);
  });
});
