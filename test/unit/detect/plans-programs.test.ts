import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { type Files, failureOf, member, nextApp, project } from "./project.ts";

const { plan } = createWorkspace();

describe("the package manager", () => {
  it("is the one a package above names, before any lock file", async (t) => {
    const cwd = await project(t, {
      "package.json": { workspaces: { packages: ["apps/*"] }, packageManager: "yarn@4.1.0" },
      "apps/web/package.json": member("web", "next dev"),
      "apps/web/package-lock.json": "{}",
    });
    assert.equal((await plan({ cwd: join(cwd, "apps/web"), app: "web" })).packageManager, "yarn");
  });

  it("is that of the nearest lock file up to the workspace's root, and not beyond", async (t) => {
    const cwd = await project(t, {
      "yarn.lock": "",
      "mono/package.json": { workspaces: ["apps/*"] },
      "mono/bun.lockb": "",
      "mono/apps/web/package.json": member("web", "next dev"),
      "mono/apps/api/package.json": member("api", "next dev"),
      "mono/apps/api/pnpm-lock.yaml": "",
      "lone/package.json": member("lone", "next dev"),
    });
    const managerIn = async (path: string) =>
      (await plan({ cwd: join(cwd, path), app: "web" })).packageManager;
    assert.equal(await managerIn("mono/apps/web"), "bun");
    assert.equal(await managerIn("mono/apps/api"), "pnpm");
    assert.equal(await managerIn("lone"), "npm");
  });
});

describe("a project without a package.json", () => {
  const projects: readonly (readonly [string, Files, readonly string[], string | undefined])[] = [
    ["Django", { "manage.py": "" }, ["python3", "manage.py", "runserver"], "django"],
    [
      "Django in an environment of its own",
      { "manage.py": "", ".venv/bin/python": "" },
      [".venv/bin/python", "manage.py", "runserver"],
      "django",
    ],
    [
      "Django with uv",
      { "manage.py": "", "uv.lock": "" },
      ["uv", "run", "python", "manage.py", "runserver"],
      "django",
    ],
    [
      "FastAPI",
      { "pyproject.toml": '[project]\ndependencies = ["fastapi[standard]>=0.115"]\n', "main.py": "" },
      ["python3", "-m", "fastapi", "dev"],
      "fastapi",
    ],
    [
      "Flask",
      { "requirements.txt": "Flask==3.1\n", "app.py": "" },
      ["python3", "-m", "flask", "run"],
      "flask",
    ],
    ["Laravel", { artisan: "" }, ["php", "artisan", "serve"], "laravel"],
    ["Rails", { "bin/rails": "" }, ["bin/rails", "server"], "rails"],
    [
      "Deno",
      { "deno.jsonc": '{ /* ours */ "tasks": { "dev": "deno serve --port 8010 main.ts", }, }' },
      ["deno", "task", "dev"],
      "deno",
    ],
    [
      "a Procfile",
      { "Procfile.dev": "css: tailwind -w\nweb: bin/rails s -p $PORT\n", "bin/rails": "" },
      ["bin/rails", "s", "-p", "{port}"],
      "rails",
    ],
    [
      "a Procfile that needs a shell",
      { Procfile: `web: gunicorn app:app --bind 0.0.0.0:$${"{PORT:-8000}"} | tee log` },
      ["sh", "-c", "gunicorn app:app --bind 0.0.0.0:{port} | tee log"],
      undefined,
    ],
    ["Go with air", { ".air.toml": "" }, ["air"], undefined],
  ];
  for (const [name, files, command, framework] of projects)
    it(`is known by its own files: ${name}`, async (t) => {
      const root = await project(t, { ...files, "deep/inside/x": "" });
      for (const cwd of [root, join(root, "deep/inside")]) {
        const found = await plan({ cwd, app: "web" });
        assert.deepEqual([found.command, found.cwd, found.framework], [command, root, framework]);
      }
      const error = await failureOf(plan({ cwd: root, app: "mobile" }));
      assert.equal(error.code, "UNKNOWN_APP");
    });

  it("a dependency that is only named in a comment is none", async (t) => {
    const root = await project(t, { "requirements.txt": "# flask\nrequests\n", "app.py": "" });
    assert.equal((await failureOf(plan({ cwd: root, app: "web" }))).code, "UNKNOWN_APP");
  });

  it("what its package.json starts comes first", async (t) => {
    const root = await project(t, { ...nextApp, "manage.py": "" });
    assert.equal((await plan({ cwd: root, app: "web" })).framework, "next");
    const bare = await project(t, { "package.json": { scripts: { css: "tailwind" } }, "manage.py": "" });
    assert.equal((await plan({ cwd: bare, app: "web" })).framework, "django");
  });
});

describe("a package whose own script isn't a server", () => {
  it("isn't started by what it depends on", async (t) => {
    for (const dev of ["docker compose up -d", "tsc -w"]) {
      const cwd = await project(t, { "package.json": { scripts: { dev }, devDependencies: { vite: "8" } } });
      assert.equal((await failureOf(plan({ cwd, app: "web" }))).code, "UNKNOWN_APP", dev);
    }
  });

  it("isn't started where it brings up containers, and says so", async (t) => {
    const cwd = await project(t, {
      "package.json": { scripts: { dev: "docker compose up" }, devDependencies: { vite: "8" } },
    });
    const error = await failureOf(plan({ cwd, app: "web" }));
    assert.equal(error.code, "UNKNOWN_APP");
    assert.match(error.message, /npm run dev in .* brings up containers/);
    const beside = await project(t, {
      "package.json": { scripts: { dev: "docker compose up -d db && vite" } },
    });
    assert.equal((await plan({ cwd: beside, app: "web" })).framework, "vite");
  });

  it("is, where only its production is a script", async (t) => {
    const scripts = { start: "next start", build: "next build" };
    const cwd = await project(t, {
      "package.json": { scripts, dependencies: { next: "16" } },
      "pages/index.js": "",
    });
    assert.deepEqual((await plan({ cwd, app: "web" })).command, ["npm", "exec", "--no", "--", "next", "dev"]);
  });

  it("isn't started where it is a library that is built and tested with a framework", async (t) => {
    const scripts = { build: "vite build", test: "vitest run" };
    for (const [name, file] of [
      ["vite", "vite.config.ts"],
      ["@sveltejs/kit", "svelte.config.js"],
      ["next", "src/index.ts"],
      ["nuxt", "src/module.ts"],
      ["astro", "src/index.ts"],
      ["storybook", "src/index.ts"],
    ] as const) {
      const devDependencies = { [name]: "1" };
      const cwd = await project(t, { "package.json": { scripts, devDependencies }, [file]: "" });
      assert.equal((await failureOf(plan({ cwd, app: "web" }))).code, "UNKNOWN_APP", name);
    }
    const native = { "package.json": { devDependencies: { expo: "56", "react-native": "1" } } };
    const cwd = await project(t, { ...native, "src/index.ts": "" });
    assert.equal((await failureOf(plan({ cwd, app: "mobile" }))).code, "UNKNOWN_APP");
  });

  it("isn't started by its production, where one script develops several servers", async (t) => {
    const cwd = await project(t, {
      "package.json": {
        scripts: { dev: "npm run dev --workspaces", start: "serve -p 3000 front/dist" },
        workspaces: ["*"],
      },
      "front/package.json": { name: "front", scripts: { dev: "vite" } },
      "back/package.json": { name: "back", scripts: { dev: "medusa develop" } },
    });
    const { command, cwd: where } = await plan({ cwd, app: "web" });
    assert.deepEqual([command, where], [["npm", "run", "dev"], join(cwd, "front")]);
    assert.equal((await plan({ cwd, app: "back" })).framework, "medusa");
  });
});
