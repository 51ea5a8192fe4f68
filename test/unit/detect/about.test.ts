import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { nextApp, project } from "./project.ts";

test("questions in a row about one directory see one state of its files, and the next ones the new state", async (t) => {
  const cwd = await project(t, nextApp);
  const workspace = createWorkspace();
  const around = workspace.about(cwd);
  const { root } = await around.locate();
  await writeFile(join(cwd, "package.json"), "{}");
  assert.deepEqual((await around.plan({ root, app: "web" })).command, ["npm", "run", "dev"]);
  await assert.rejects(workspace.about(cwd).plan({ root, app: "web" }), { code: "UNKNOWN_APP" });
});
