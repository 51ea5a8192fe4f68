import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { type Files, failureOf, nextApp, project } from "./project.ts";

const { plan } = createWorkspace();

describe("configuration comes before detection, the caller's command before both", () => {
  const files: Files = {
    ...nextApp,
    "apps/api/package.json": { scripts: { dev: "node main.js", api: "node other.js" } },
    "devlatch.json": {
      apps: {
        web: { command: "npx next dev -p 4000", env: { A: "1" }, ready: { tcp: true }, stopTimeoutMs: 5000 },
        fixed: { command: ["vite", "--port", "4000"], port: 4100 },
        api: { cwd: "apps/api", restart: "on-failure" },
        lost: { command: "x", cwd: "apps/absent" },
        file: { command: "x", cwd: "package.json" },
        quiet: { command: "my-server", env: { PORT: "4200" } },
      },
    },
  };

  it("a configured command with its settings; its own port isn't a demand", async (t) => {
    const cwd = await project(t, files);
    const found = await plan({ cwd, app: "web" });
    assert.deepEqual(found.command, ["npx", "next", "dev", "-p", "4000"]);
    assert.deepEqual([found.source, found.port, found.portOrigin], ["config", 4000, "seen"]);
    assert.deepEqual([found.env, found.ready, found.stopTimeoutMs], [{ A: "1" }, { tcp: true }, 5000]);
  });

  it("port: the caller's, then the configured one, then the command's, then the framework's", async (t) => {
    const cwd = await project(t, files);
    const portOf = async (app: string, port?: number) => {
      const found = await plan({ cwd, app, ...(port === undefined ? {} : { port }) });
      return [found.port, found.portOrigin];
    };
    assert.deepEqual(await portOf("fixed", 5000), [5000, "asked"]);
    assert.deepEqual(await portOf("fixed"), [4100, "asked"]);
    assert.deepEqual(await portOf("web"), [4000, "seen"]);
    assert.deepEqual(await portOf("quiet"), [4200, "seen"]);
    const vite = await plan({ cwd, app: "web", command: ["vite"] });
    assert.deepEqual([vite.port, vite.portOrigin], [5173, "guessed"]);
  });

  it("an explicit command runs where the caller is, with the app's other settings", async (t) => {
    const cwd = await project(t, files);
    const found = await plan({ cwd: join(cwd, "apps/api"), app: "web", command: ["B=2", "vite", "-p4300"] });
    assert.deepEqual([found.command, found.source], [["vite", "-p4300"], "explicit"]);
    assert.deepEqual([found.cwd, found.env, found.port], [join(cwd, "apps/api"), { A: "1", B: "2" }, 4300]);
  });

  it("an app with a directory and no command is detected in that directory", async (t) => {
    const cwd = await project(t, files);
    const found = await plan({ cwd, app: "api" });
    assert.deepEqual([found.command, found.cwd], [["npm", "run", "dev"], join(cwd, "apps/api")]);
    assert.deepEqual([found.source, found.restart], ["detected", "on-failure"]);
  });

  it("a configured directory that isn't there is named", async (t) => {
    const cwd = await project(t, files);
    const lost = await failureOf(plan({ cwd, app: "lost" }));
    assert.equal(lost.code, "DIRECTORY_MISSING");
    assert.match(lost.message, /apps\/absent doesn't exist/);
    assert.match(lost.remedy, /apps\.lost.*devlatch\.json/);
    assert.match((await failureOf(plan({ cwd, app: "file" }))).message, /isn't a directory/);
  });
});
