import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareCase } from "../../support/projects.ts";

const worker = (answer: string) => `export default { fetch() { return new Response("${answer}") } }\n`;

// It was not detected, an error had no place, a request hung while the build was broken, and workerd was left behind.
test("wrangler's server is the worker, not a socket of its runtime; what breaks it is told with its place, and it ends whole", async (context) => {
  const cwd = await prepareCase("15-wrangler", context);
  const developer = new Developer(createHome(context), cwd);
  const [port, inspector] = [await freePort(), await freePort()];
  const script = readFileSync(join(cwd, "package.json"), "utf8");
  developer.put("package.json", script.replace("42150", String(port)).replace("42151", String(inspector)));
  const word = await developer.asks<{ framework: string }>("detect", "--", "wrangler", "dev");
  assert.equal(word.framework, "wrangler");

  const started = await developer.start("web");
  assert.deepEqual([started.outcome, started.port], ["started", port]);
  assert.equal(await (await fetch(started.url)).text(), "worker");
  assert.equal((await developer.start("web")).outcome, "reused");

  developer.put("w.js", worker("changed"));
  assert.equal((await developer.wait("web")).status, "clean");
  assert.equal(await (await fetch(started.url)).text(), "changed");
  developer.put("w.js", "export default {\n  fetch( { return 1 }\n}\n");
  const broken = await developer.wait("web");
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.first, /w\.js:2 /);
  // wrangler keeps requests waiting while its build is broken.
  assert.equal((await developer.wait("web", "--visit", "/")).code, 1);
  developer.put("w.js", worker("mended"));
  assert.equal((await developer.wait("web", "--visit", "/")).status, "clean");
  assert.equal(await (await fetch(started.url)).text(), "mended");

  const again = await developer.start("web");
  assert.deepEqual([again.outcome, again.pid], ["reused", started.pid]);
  await developer.stopsWhole("web", port, inspector);
});
