import assert from "node:assert/strict";
import { test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";

const quiet = { EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1" };
const patience = ["--timeout", "170"];

// A caller in a build's environment started a Metro that reloads nothing, and all after it had that one.
test("Metro started from a build reloads for all", async (context) => {
  const cwd = await prepareProject("expo", context);
  const developer = new Developer(createHome(context), cwd, quiet);
  const port = await freePort();
  const build = developer.as({ CI: "true", CONTINUOUS_INTEGRATION: "1", GITHUB_ACTIONS: "true" });
  const started = await build.start("mobile", "--port", String(port));
  assert.deepEqual([started.outcome, started.port], ["started", port]);
  assert.equal((await developer.start("mobile", "--port", String(port))).outcome, "reused");
  await developer.wait("mobile", "--visit", "/", ...patience);
  const logs = await developer.logs("mobile");
  assert.match(logs, /Starting Metro Bundler/);
  assert.doesNotMatch(logs, /CI mode|reloads are disabled/);
  await developer.stopsWhole("mobile", port);
});

// A page of Expo's is a manifest: a visit passed, for the bundle that it names was never asked for.
test("a visit to Expo loads the bundle of the app, also where no caller names a page", async (context) => {
  const cwd = await prepareProject("expo", context);
  const developer = new Developer(createHome(context), cwd, quiet);
  const port = await freePort();
  await developer.start("mobile", "--port", String(port));
  for (const more of [["--visit", "/"], []]) {
    developer.put("App.js", "export default function App() {\n  return (;\n}\n");
    const broken = await developer.wait("mobile", ...more, ...patience);
    assert.equal(broken.code, 1, JSON.stringify(broken));
    assert.match(broken.first, /App\.js:2 .*Unexpected token/);
    developer.put("App.js", "export default function App() {\n  return null;\n}\n");
    const mended = await developer.wait("mobile", ...more, ...patience);
    assert.equal(mended.status, "clean", JSON.stringify(mended));
  }
  assert.match(await developer.logs("mobile"), /Bundled \d+ms/);
  await developer.stopsWhole("mobile", port);
});
