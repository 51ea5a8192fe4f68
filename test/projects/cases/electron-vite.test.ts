import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { prepareCase } from "../../support/projects.ts";

// `electron-vite dev` was not known, so that Vite, a dependency too, was started in its place: a server that answers 404.
test("electron-vite's own script is run, though Vite is a dependency", async (context) => {
  const cwd = await prepareCase("p14-electron-vite", context);
  const env = { ELECTRON_EXEC_PATH: join(cwd, "electron.cjs"), ELECTRON_MAJOR_VER: "43" };
  const developer = new Developer(createHome(context), cwd, env);
  const started = await developer.start("web");
  assert.match(await (await fetch(started.url)).text(), /<title>desk<\/title>/);
  const logs = await developer.logs("web");
  assert.match(logs, /> electron-vite dev/);
  assert.match(logs, /window of http:\/\/localhost:\d+/);
  assert.equal((await developer.wait("web")).status, "clean");

  developer.put("src/renderer/main.js", "export const broken = (;\n");
  const broken = await developer.wait("web");
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.first, /renderer\/main\.js:\d/);
  await developer.stopsWhole("web", started.port);
});
