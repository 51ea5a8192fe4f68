import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { failureOf, project } from "./project.ts";

const { script } = createWorkspace();

test("a script is run by its package's manager, under a key that one script of one package has alone", async (t) => {
  const root = await project(t, {
    "package.json": {
      packageManager: "pnpm@10.0.0",
      scripts: { check: "biome check", "say \u001b[2J": "echo" },
    },
    "pnpm-workspace.yaml": "packages: ['apps/*']\n",
    "apps/web/package.json": { name: "web", scripts: { check: "tsc", dev: "next dev", watch: "tsc -w" } },
  });
  const web = join(root, "apps/web");
  assert.deepEqual(await script("check", root), {
    ...{ kind: "script", key: "check", command: ["pnpm", "run", "check"], cwd: root, says: "biome check" },
  });
  const own = {
    kind: "script",
    key: "apps/web:check",
    command: ["pnpm", "run", "check"],
    cwd: web,
    says: "tsc",
  };
  assert.deepEqual(await script("check", web), own);
  const odd = await script("say \u001b[2J", web);
  assert.ok(odd.kind === "script" && odd.cwd === root, "the root's, where the package has none");
  assert.match(odd.key, /^[\w.:/-]+-[0-9a-f]{16}$/);
  assert.deepEqual(await script("dev", web), { kind: "server" });
});

test("a task of devlatch.json is told from an app, and a name that is neither is refused with those there are", async (t) => {
  const root = await project(t, {
    "devlatch.json": {
      apps: { migrate: { kind: "task", command: "node migrate.js" }, api: { command: "node api.js" } },
    },
    "package.json": { scripts: { test: "node --test", lint: "biome" } },
  });
  assert.deepEqual(await script("migrate", root), { kind: "task", app: "migrate" });
  assert.match((await failureOf(script("api", root))).remedy, /devlatch start api/);
  for (const name of ["nope", "constructor", "__proto__"]) {
    const { code, remedy } = await failureOf(script(name, root));
    assert.equal(code, "INVALID_INPUT");
    assert.match(remedy, /Name one of these: test, lint\./);
  }
});
