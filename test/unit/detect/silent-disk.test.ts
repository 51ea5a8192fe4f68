import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { type TestContext, test } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { project } from "./project.ts";

/** From now on this file system's calls of that name give no answer, as those of a network disk that is away. */
function silence(t: TestContext, name: "stat" | "realpath" | "open" | "opendir"): void {
  t.mock.method(fs, name, () => new Promise(() => {}));
  syncBuiltinESMExports();
}

for (const name of ["stat", "realpath", "open", "opendir"] as const) {
  test(`a file system whose ${name} doesn't answer is told, and nothing waits for it`, async (t) => {
    const files = { "package.json": { workspaces: ["apps/*"] }, "apps/a/package.json": { name: "a" } };
    const cwd = await project(t, files);
    const { plan, describe, detect } = createWorkspace(undefined, 200);
    silence(t, name);
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    const asked = [plan({ cwd, app: "web" }), detect(["npm", "run", "dev"], cwd)];
    for (const one of await Promise.allSettled(asked)) {
      const reason = one.status === "rejected" ? one.reason : assert.fail("it can't be read");
      assert.equal(reason.code, "DEADLINE");
      assert.match(reason.message, /can't be read: its file system doesn't answer/);
    }
    await describe(cwd).then(
      ({ problems }) => assert.ok(problems.length > 0),
      ({ code }) => assert.equal(code, "DEADLINE"),
    );
  });
}
