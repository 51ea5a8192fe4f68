import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { failureOf, nextApp, project } from "./project.ts";

const { plan, describe: look, steps } = createWorkspace();

/** A variable of the editor's. */
const variable = (name: string) => ["$", "{", name, "}"].join("");

const launch = {
  version: "0.0.1",
  configurations: [
    { name: "Next dev", runtimeExecutable: "npm", runtimeArgs: ["run", "dev"], port: 3000 },
    {
      ...{ name: "Docs", runtimeExecutable: "npx", runtimeArgs: ["http-server", "."], port: 4173 },
      ...{ cwd: `${variable("workspaceFolder")}/docs`, env: { MODE: "preview" } },
    },
    { name: "Plain", program: "serve.js", args: ["--quiet"] },
    { name: "Open", runtimeExecutable: variable("command:pick") },
    { name: "Outside", runtimeExecutable: "x", cwd: ".." },
    { name: 3, runtimeExecutable: "x" },
  ],
};

describe("servers that agents' files name", () => {
  it("are found by their names, with directory, variables and port of the file", async (t) => {
    const cwd = await project(t, { ...nextApp, ".claude/launch.json": launch, "docs/index.html": "" });
    const docs = await plan({ cwd, app: "docs" });
    assert.deepEqual(docs.command, ["npx", "http-server", "."]);
    assert.equal(docs.cwd, join(cwd, "docs"));
    assert.deepEqual(docs.env, { MODE: "preview" });
    assert.deepEqual(
      [docs.port, docs.portOrigin, docs.portSource, docs.source, docs.from],
      [4173, "seen", ".claude/launch.json", "detected", ".claude/launch.json"],
    );
    assert.deepEqual((await plan({ cwd, app: "plain" })).command, ["node", "serve.js", "--quiet"]);
    for (const app of ["open", "outside"])
      assert.equal((await failureOf(plan({ cwd, app }))).code, "UNKNOWN_APP", app);
  });

  it("are listed with their file, but for one that the project itself has", async (t) => {
    const cwd = await project(t, { ...nextApp, ".claude/launch.json": launch, "docs/index.html": "" });
    const { apps } = await look(cwd);
    assert.deepEqual(
      apps.map(({ app, from }) => [app, from]),
      [
        ["web", undefined],
        ["docs", ".claude/launch.json"],
        ["plain", ".claude/launch.json"],
      ],
    );
  });

  it("come after what devlatch.json and the project say", async (t) => {
    const other = { configurations: [{ name: "web", runtimeExecutable: "other" }] };
    const cwd = await project(t, { ...nextApp, ".claude/launch.json": other });
    assert.deepEqual((await plan({ cwd, app: "web" })).command, ["npm", "run", "dev"]);
    const configured = { apps: { web: { command: "node mine.js" } } };
    const own = await project(t, { "devlatch.json": configured, ".claude/launch.json": other });
    assert.deepEqual((await plan({ cwd: own, app: "web" })).command, ["node", "mine.js"]);
  });

  it("are web where the file has no names: Conductor's and Superset's run", async (t) => {
    const conductor = await project(t, {
      "conductor.json": { scripts: { run: "FLAG=1 ./serve --port $CONDUCTOR_PORT" } },
    });
    const served = await plan({ cwd: conductor, app: "web" });
    assert.deepEqual(
      [served.command, served.env, served.from],
      [["./serve", "--port", "{port}"], { FLAG: "1" }, "conductor.json"],
    );
    const superset = await project(t, { ".superset/config.json": { run: ["cd app && ./serve"] } });
    assert.deepEqual((await plan({ cwd: superset, app: "web" })).command, ["sh", "-c", "cd app && ./serve"]);
  });

  it("are those of Codex' actions whose commands start servers", async (t) => {
    const environment = `version = 1
[setup]
script = """
npm ci
"""
[[actions]]
name = "Dev server"
icon = "run"
command = "npx vite --port 4321"
[[actions]]
name = "Test"
command = "npm test"
`;
    const cwd = await project(t, { ".codex/environments/environment.toml": environment });
    const { apps, setups } = await look(cwd);
    assert.deepEqual(
      apps.map(({ app, port }) => [app, port]),
      [["dev-server", 4321]],
    );
    assert.deepEqual(setups, [{ file: ".codex/environments/environment.toml", setup: "npm ci" }]);
  });

  it("say nothing where the file is broken, endless, deep, or a link to nowhere", async (t) => {
    const cwd = await project(t, {
      ...nextApp,
      ".claude/launch.json": "[".repeat(50_000),
      "conductor.json": '{"scripts": "none"}',
      ".superset/config.json": { run: Array.from({ length: 1000 }, () => "x") },
      ".codex/environments/environment.toml": "a = ",
    });
    symlinkSync("/nowhere", join(cwd, ".cursor"));
    const view = await look(cwd);
    assert.deepEqual([view.apps.map(({ app }) => app), view.setups, view.problems], [["web"], undefined, []]);
  });
});

describe("what agents' files do in a new checkout", () => {
  const files = {
    "conductor.json": { scripts: { setup: "npm ci", archive: "dropdb x" } },
    ".superset/config.json": { setup: ["./a.sh", "./b.sh"] },
    ".cursor/worktrees.json": { "setup-worktree": ["npm ci"], "setup-worktree-unix": "./setup.sh" },
  };

  it("is told, and never done: only what devlatch.json says is", async (t) => {
    const cwd = await project(t, { ...nextApp, ...files });
    assert.deepEqual((await look(cwd)).setups, [
      { file: "conductor.json", setup: "npm ci" },
      { file: ".superset/config.json", setup: "./a.sh\n./b.sh" },
      { file: ".cursor/worktrees.json", setup: "./setup.sh" },
    ]);
    assert.deepEqual(await steps(cwd), {});
  });

  it("isn't told where devlatch.json has its own", async (t) => {
    const cwd = await project(t, { ...files, "devlatch.json": { setup: { command: "npm ci" } } });
    assert.equal((await look(cwd)).setups, undefined);
  });
});
