import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { type Files, project } from "./project.ts";

const { plan, locate } = createWorkspace();

const nextApp: Files = { "package.json": { scripts: { dev: "next dev" }, dependencies: { next: "16" } } };
const member = (name: string, dev: string) => ({ name, scripts: { dev } });

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => assert.fail("should have failed"),
    (reason: unknown) => reason,
  );
  return hasCode(error) ? error : assert.fail(String(error));
}

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
      { "package.json": { dependencies: { expo: "56", "react-native": "1" } } },
      "mobile",
      ["npm", "exec", "--no", "--", "expo", "start"],
      8081,
      "expo",
    ],
    [
      "Next without a script, with pnpm",
      { "package.json": { packageManager: "pnpm@10.1.0", dependencies: { next: "1", vite: "1" } } },
      "web",
      ["pnpm", "exec", "next", "dev"],
      3000,
      "next",
    ],
    [
      "SvelteKit without a script, with bun",
      { "package.json": { devDependencies: { vite: "1", "@sveltejs/kit": "3" } }, "bun.lock": "" },
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

describe("in a workspace", () => {
  const mono: Files = {
    "package.json": { scripts: { dev: "turbo dev" } },
    "pnpm-workspace.yaml":
      "# ours\npackages:\n  # apps\n  - 'apps/*' # all of them\n\n  - \"tools/{site,docs}\"\n  - '!apps/old'\ncatalog:\n  - no/*\n",
    "apps/shop/package.json": member("@acme/shop", "next dev -p 4000"),
    "apps/phone/package.json": member("phone", "expo start"),
    "apps/old/package.json": member("old", "next dev"),
    "apps/lib/package.json": { name: "lib", scripts: { dev: "tsc -w" } },
    "tools/site/package.json": { name: "site", scripts: { build: "astro build" } },
    "no/package.json": member("no", "next dev"),
  };

  it("the one package that fits is found from the root, and runs in its own directory", async (t) => {
    const cwd = await project(t, mono);
    const found = await plan({ cwd, app: "web" });
    assert.deepEqual(
      [found.command, found.cwd, found.port],
      [["pnpm", "run", "dev"], join(cwd, "apps/shop"), 4000],
    );
    assert.equal((await plan({ cwd, app: "mobile" })).cwd, join(cwd, "apps/phone"));
  });

  it("the caller's package comes first, and another one's app is still found", async (t) => {
    const cwd = await project(t, { ...mono, "tools/docs/package.json": member("docs", "vite") });
    assert.equal((await plan({ cwd: join(cwd, "tools/docs"), app: "web" })).framework, "vite");
    assert.equal((await plan({ cwd: join(cwd, "tools/docs"), app: "mobile" })).cwd, join(cwd, "apps/phone"));
  });

  it("a script of the root that starts one server comes before the packages", async (t) => {
    const cwd = await project(t, {
      "package.json": { workspaces: ["apps/*"], scripts: { dev: "npm run dev -w shop" } },
      "apps/shop/package.json": member("shop", "next dev"),
      "apps/site/package.json": member("site", "astro dev"),
    });
    const found = await plan({ cwd, app: "web" });
    assert.deepEqual([found.command, found.cwd, found.framework], [["npm", "run", "dev"], cwd, "next"]);
  });

  it("several that fit are named, with commands that start them", async (t) => {
    const cwd = await project(t, { ...mono, "tools/docs/package.json": member("docs", "vite") });
    const error = await failureOf(plan({ cwd, app: "web" }));
    assert.equal(error.code, "AMBIGUOUS_APP");
    assert.match(error.message, /apps\/shop, tools\/docs/);
    assert.match(error.remedy, /devlatch start shop, devlatch start docs;/);
    assert.deepEqual(error.data, {
      app: "web",
      candidates: ["apps/shop", "tools/docs"],
      names: ["shop", "docs"],
    });
    for (const [app, place] of [
      ["shop", "apps/shop"],
      ["docs", "tools/docs"],
    ] as const) {
      const named = await plan({ cwd, app });
      assert.deepEqual([named.app, named.member, named.cwd], [app, "web", join(cwd, place)]);
      const inside = await plan({ cwd: named.cwd, app: "web" });
      assert.deepEqual(
        [inside.app, inside.cwd],
        [app, named.cwd],
        "the same server, whatever it is called by",
      );
      const fromOther = await plan({ cwd: join(cwd, "apps/phone"), app });
      assert.deepEqual([fromOther.app, fromOther.cwd], [app, named.cwd]);
    }
  });

  it("a script of the root that starts several servers is no way to start one app", async (t) => {
    const cwd = await project(t, {
      "package.json": { workspaces: ["apps/*"], scripts: { dev: "turbo dev" } },
      "apps/a/package.json": member("a", "next dev"),
      "apps/b/package.json": member("b", "next dev -p 3001"),
    });
    const error = await failureOf(plan({ cwd, app: "web" }));
    assert.equal(error.code, "AMBIGUOUS_APP");
  });

  it("of several the one that is called like the app is meant", async (t) => {
    const cwd = await project(t, {
      "package.json": { workspaces: ["apps/*"] },
      "apps/admin/package.json": member("@acme/admin", "next dev"),
      "apps/front/package.json": member("@acme/web", "next dev"),
    });
    assert.equal((await plan({ cwd, app: "web" })).cwd, join(cwd, "apps/front"));
  });

  it("a broken package elsewhere is no obstacle, a broken one on the way is an error with its place", async (t) => {
    const cwd = await project(t, { ...mono, "apps/lib/package.json": '{\n "name" "lib" }' });
    assert.equal((await plan({ cwd, app: "web" })).cwd, join(cwd, "apps/shop"));
    const error = await failureOf(plan({ cwd: join(cwd, "apps/lib"), app: "web" }));
    assert.equal(error.code, "CONFIG_INVALID");
    assert.match(error.message, /apps\/lib\/package\.json:2:9: colon expected/);
  });

  it("globs go deep, and neither installed packages nor what a ! takes out are members", async (t) => {
    const cwd = await project(t, {
      "package.json": { workspaces: ["packages/**", "!packages/**/test/**"] },
      "packages/a/b/web/package.json": member("front", "vite"),
      "packages/a/test/web/package.json": member("t", "vite"),
      "packages/a/node_modules/x/package.json": member("x", "vite"),
    });
    assert.equal((await plan({ cwd, app: "web" })).cwd, join(cwd, "packages/a/b/web"));
  });
});

describe("one of several packages", () => {
  const two: Files = {
    "package.json": { workspaces: ["apps/*", "packages/*"] },
    "apps/nextjs/package.json": member("@acme/nextjs", "next dev"),
    "apps/api/package.json": member("@acme/api", "tsx watch src/index.ts"),
    "packages/ui/package.json": member("@acme/ui", "storybook dev"),
  };

  it("is web where it alone has a framework that serves an app; the others go by their names", async (t) => {
    const cwd = await project(t, two);
    assert.equal((await plan({ cwd, app: "web" })).cwd, join(cwd, "apps/nextjs"));
    for (const [from, asked, app] of [
      ["apps/nextjs", "web", "web"],
      ["apps/api", "web", "api"],
      ["packages/ui", "web", "ui"],
      [".", "nextjs", "web"],
      [".", "api", "api"],
      ["apps/api", "nextjs", "web"],
    ] as const)
      assert.equal((await plan({ cwd: join(cwd, from), app: asked })).app, app, `${asked} from ${from}`);
  });

  it("is the one that the root's script starts", async (t) => {
    const cwd = await project(t, {
      ...two,
      "package.json": { workspaces: ["apps/*"], scripts: { dev: "npm run dev -w @acme/api" } },
    });
    const found = async (from: string) => (await plan({ cwd: join(cwd, from), app: "web" })).app;
    assert.deepEqual(
      [await found("."), await found("apps/api"), await found("apps/nextjs")],
      ["web", "web", "nextjs"],
    );
  });

  it("has its path for a name where another has its own", async (t) => {
    const cwd = await project(t, {
      "package.json": { workspaces: ["*/site"] },
      "shop/site/package.json": member("@shop/site", "next dev"),
      "blog/site/package.json": member("@blog/site", "astro dev"),
    });
    const error = await failureOf(plan({ cwd, app: "web" }));
    assert.match(error.remedy, /devlatch start blog-site, devlatch start shop-site;/);
    assert.equal((await plan({ cwd, app: "shop-site" })).framework, "next");
  });

  it("is the app that the configuration has in its directory", async (t) => {
    const cwd = await project(t, {
      ...two,
      "devlatch.json": { apps: { front: { cwd: "apps/nextjs", port: 4100 } } },
    });
    const found = await plan({ cwd: join(cwd, "apps/nextjs"), app: "web" });
    assert.deepEqual([found.app, found.port], ["front", 4100]);
  });
});

describe("packages beside each other without a workspace", () => {
  const beside: Files = {
    "client/package.json": member("client", "vite"),
    "server/package.json": member("server", "node index.js"),
  };

  for (const [kind, files] of [
    ["in a checkout", beside],
    [
      "below a package",
      { ...beside, "package.json": { scripts: { dev: "concurrently npm:client npm:server" } } },
    ],
    [
      "below a directory that is no checkout",
      Object.fromEntries(Object.entries(beside).map(([path, one]) => [`nested/${path}`, one])),
    ],
  ] as const)
    it(`are apps of one place: ${kind}`, async (t) => {
      const top = await project(t, files);
      const root = kind === "below a directory that is no checkout" ? join(top, "nested") : top;
      const found = async (from: string, app: string) => {
        const { root: place } = await locate(join(root, from));
        const { app: name, cwd } = await plan({ cwd: join(root, from), app });
        return [relative(root, place), name, relative(root, cwd)];
      };
      assert.deepEqual(await found(".", "web"), ["", "web", "client"]);
      assert.deepEqual(await found("client", "web"), ["", "web", "client"]);
      assert.deepEqual(await found("server", "web"), ["", "server", "server"]);
      assert.deepEqual(await found(".", "server"), ["", "server", "server"]);
      assert.deepEqual(await found(".", "client"), ["", "web", "client"]);
    });

  it("are places of their own where nothing says that they are parts", async (t) => {
    const top = await project(t, {
      "many/one/package.json": member("one", "vite"),
      "many/two/package.json": member("two", "vite"),
    });
    const cwd = join(top, "many/one");
    assert.deepEqual([(await locate(cwd)).root, (await plan({ cwd, app: "web" })).app], [cwd, "web"]);
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
    const cwd = await project(t, { "package.json": { scripts, dependencies: { next: "16" } } });
    assert.deepEqual((await plan({ cwd, app: "web" })).command, ["npm", "exec", "--no", "--", "next", "dev"]);
  });
});

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
