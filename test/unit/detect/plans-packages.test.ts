import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { type Files, failureOf, member, project } from "./project.ts";

const { plan, locate, describe: describeProject } = createWorkspace();

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

  it("are apps of one place in a checkout's apps, each installed by itself", async (t) => {
    const top = await project(t, {
      "package.json": { scripts: { prepare: "cd apps/one && yarn" } },
      "apps/one/package.json": member("one", "vite"),
      "apps/two/package.json": member("two", "next dev"),
      "packages/ui/package.json": member("ui", "vite"),
    });
    const cwd = join(top, "apps/two");
    assert.equal((await locate(cwd)).root, top);
    for (const [from, app] of [
      ["", "two"],
      ["apps/one", "two"],
      ["packages/ui", "two"],
    ] as const)
      assert.equal((await plan({ cwd: join(top, from), app })).cwd, cwd);
    assert.equal((await plan({ cwd: join(top, "apps/one"), app: "one" })).cwd, join(top, "apps/one"));
  });

  for (const packages of [["frontend"], ["frontend", "admin"]])
    it(`are apps of one place with a part in another language: ${packages.join(", ")} and backend`, async (t) => {
      const files = packages.map((name) => [`${name}/package.json`, member(name, "next dev")]);
      const top = await project(t, {
        ...Object.fromEntries(files),
        ...{ "backend/manage.py": "", "backend/pages/x": "", "docs/x": "" },
      });
      const found = async (from: string, app: string) => {
        assert.equal((await locate(join(top, from))).root, top);
        const { app: name, cwd } = await plan({ cwd: join(top, from), app });
        return [name, relative(top, cwd)];
      };
      for (const from of ["", "frontend", "backend", "docs"])
        assert.deepEqual(await found(from, "backend"), ["backend", "backend"]);
      for (const from of ["backend", "backend/pages"])
        assert.deepEqual(await found(from, "web"), ["backend", "backend"]);
      const [first] = packages.length === 1 ? ["web"] : ["frontend"];
      assert.deepEqual(await found("frontend", "web"), [first, "frontend"]);
      assert.deepEqual(await found("", "frontend"), [first, "frontend"]);
      const { apps } = await describeProject(top);
      assert.deepEqual(
        apps.map(({ app }) => app).sort(),
        ["backend", ...(packages.length === 1 ? ["web"] : packages)].sort(),
      );
    });

  it("have no part in another language by a link, which may lead out of the project", async (t) => {
    const [top, other] = [
      await project(t, { "frontend/package.json": member("frontend", "next dev") }),
      await project(t, { "manage.py": "" }),
    ];
    await symlink(other, join(top, "backend"));
    assert.equal((await failureOf(plan({ cwd: top, app: "backend" }))).code, "UNKNOWN_APP");
    assert.deepEqual(
      (await describeProject(top)).apps.map(({ app }) => app),
      ["web"],
    );
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
