import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { type Files, failureOf, nextApp, project } from "./project.ts";

const { plan } = createWorkspace();

describe("a usual project needs no configuration", () => {
  const projects: readonly (readonly [
    string,
    Files,
    string,
    readonly string[],
    number,
    string | undefined,
  ])[] = [
    ["Next", nextApp, "web", ["npm", "run", "dev"], 3000, "next"],
    [
      "Vite with pnpm",
      { "package.json": { scripts: { dev: "vite" }, devDependencies: { vite: "8" } }, "pnpm-lock.yaml": "" },
      "web",
      ["pnpm", "run", "dev"],
      5173,
      "vite",
    ],
    [
      "Astro with yarn",
      { "package.json": { scripts: { start: "astro dev" } }, "yarn.lock": "" },
      "web",
      ["yarn", "run", "start"],
      4321,
      "astro",
    ],
    [
      "a plain server.js",
      { "package.json": { scripts: { dev: "node server.js" } }, "server.js": "" },
      "web",
      ["npm", "run", "dev"],
      3000,
      undefined,
    ],
    [
      "a server written into its script",
      { "package.json": { scripts: { dev: "node -e 'serve()'", start: "vite preview" } } },
      "web",
      ["npm", "run", "dev"],
      3000,
      undefined,
    ],
    [
      "a server written into its script, in Python",
      { "package.json": { scripts: { dev: "python3 -c 'serve()'", start: "vite" } } },
      "web",
      ["npm", "run", "dev"],
      3000,
      undefined,
    ],
    [
      "a plain server on its own port",
      { "package.json": { scripts: { dev: "PORT=4000 node server.js" } } },
      "web",
      ["npm", "run", "dev"],
      4000,
      undefined,
    ],
    [
      "Expo",
      { "package.json": { scripts: { android: "expo run:android", start: "expo start" } } },
      "mobile",
      ["npm", "run", "start"],
      8081,
      "expo",
    ],
    [
      "Expo without a script",
      { "package.json": { dependencies: { expo: "56", "react-native": "1" } }, "app.json": "{}" },
      "mobile",
      ["npm", "exec", "--no", "--", "expo", "start"],
      8081,
      "expo",
    ],
    [
      "Next without a script, with pnpm",
      {
        "package.json": { packageManager: "pnpm@10.1.0", dependencies: { next: "1", vite: "1" } },
        "app/page.tsx": "",
      },
      "web",
      ["pnpm", "exec", "next", "dev"],
      3000,
      "next",
    ],
    [
      "SvelteKit without a script, with bun",
      {
        "package.json": { devDependencies: { vite: "1", "@sveltejs/kit": "3" } },
        "bun.lock": "",
        "src/app.html": "",
      },
      "web",
      ["bun", "x", "--no-install", "vite", "dev"],
      5173,
      "sveltekit",
    ],
    [
      "Angular without a script, with yarn",
      { "package.json": { devDependencies: { "@angular/cli": "20" } }, "yarn.lock": "" },
      "web",
      ["yarn", "run", "ng", "serve"],
      4200,
      "angular",
    ],
    [
      "Storybook, an app by its script's name",
      { "package.json": { scripts: { storybook: "storybook dev -p 6006" } } },
      "storybook",
      ["npm", "run", "storybook"],
      6006,
      "storybook",
    ],
    [
      "web beside mobile in one package",
      { "package.json": { scripts: { start: "expo start", dev: "expo start", serve: "vite" } } },
      "web",
      ["npm", "run", "serve"],
      5173,
      "vite",
    ],
    [
      "a script that only looks like a server is passed over",
      { "package.json": { scripts: { dev: "echo next dev", serve: "vite preview", start: "next dev" } } },
      "web",
      ["npm", "run", "start"],
      3000,
      "next",
    ],
  ];
  for (const [name, files, app, command, port, framework] of projects) {
    it(name, async (t) => {
      const cwd = await project(t, files);
      const found = await plan({ cwd, app });
      assert.deepEqual([found.command, found.port, found.framework], [command, port, framework]);
      assert.deepEqual([found.cwd, found.source, found.portOrigin === "asked"], [cwd, "detected", false]);
    });
  }

  it("an app's settings have defaults", async (t) => {
    const found = await plan({ cwd: await project(t, nextApp), app: "web" });
    const { restart, stopSignal, stopTimeoutMs, stopWhenUnused, env, ready } = found;
    assert.deepEqual(
      { restart, stopSignal, stopTimeoutMs, stopWhenUnused, env, ready },
      {
        restart: "never",
        stopSignal: "SIGTERM",
        stopTimeoutMs: 2000,
        stopWhenUnused: false,
        env: {},
        ready: undefined,
      },
    );
  });

  it("stopWhenUnused is a minute, or the time that is given", async (t) => {
    const apps = { web: { stopWhenUnused: true }, api: { command: "x", stopWhenUnused: { afterMs: 500 } } };
    const cwd = await project(t, { ...nextApp, "devlatch.json": { apps } });
    assert.deepEqual((await plan({ cwd, app: "web" })).stopWhenUnused, { afterMs: 60_000 });
    assert.deepEqual((await plan({ cwd, app: "api" })).stopWhenUnused, { afterMs: 500 });
  });
});

describe("what can't be planned", () => {
  it("an unknown app says what was looked at, and gives the line that helps", async (t) => {
    const cwd = await project(t, { "package.json": { scripts: { build: "next build", dev: "tsc -w" } } });
    for (const app of ["web", "mobile", "api"]) {
      const error = await failureOf(plan({ cwd, app }));
      assert.equal(error.code, "UNKNOWN_APP");
      assert.match(error.message, new RegExp(`"${app}".*package\\.json`));
      const snippet = error.remedy.slice(error.remedy.indexOf("{"));
      assert.ok(!snippet.includes("\n"), "as one line");
      const helped = await project(t, { "devlatch.json": snippet });
      assert.deepEqual((await plan({ cwd: helped, app })).command, ["npm", "run", "dev"]);
    }
  });

  it("an empty directory", async (t) => {
    const error = await failureOf(plan({ cwd: await project(t, {}), app: "web" }));
    assert.equal(error.code, "UNKNOWN_APP");
    assert.match(error.message, /has no package\.json/);
  });

  it("names from JavaScript's own objects are no scripts", async (t) => {
    const cwd = await project(t, { "package.json": { scripts: {} } });
    assert.equal((await failureOf(plan({ cwd, app: "constructor" }))).code, "UNKNOWN_APP");
  });

  it("a missing directory", async (t) => {
    const cwd = join(await project(t, {}), "absent");
    assert.equal((await failureOf(plan({ cwd, app: "web" }))).code, "DIRECTORY_MISSING");
  });

  it("a script that starts web and mobile at once is neither of the two", async (t) => {
    const cwd = await project(t, {
      "package.json": { scripts: { dev: "run-p dev:*", "dev:a": "vite", "dev:b": "expo start" } },
    });
    assert.equal((await failureOf(plan({ cwd, app: "web" }))).code, "UNKNOWN_APP");
    assert.deepEqual((await plan({ cwd, app: "mobile" })).script, "dev:b");
  });
});

describe("a linked directory", () => {
  it("is planned under its real path", async (t) => {
    const cwd = await project(t, { "a/package.json": { scripts: { dev: "vite" } } });
    await mkdir(join(cwd, "links"));
    await symlink(join(cwd, "a"), join(cwd, "links/b"));
    assert.equal((await plan({ cwd: join(cwd, "links/b"), app: "web" })).cwd, join(cwd, "a"));
  });
});
