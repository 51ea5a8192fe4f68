import assert from "node:assert/strict";
import { test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareCase } from "../../support/projects.ts";

// Rsbuild was a server of no known framework, and what it wrote of a build was not understood.
test("Rsbuild is known, and a module that is broken fails a wait with its place", async (context) => {
  const cwd = await prepareCase("43-rsbuild", context);
  const developer = new Developer(createHome(context), cwd);
  const detected = await developer.asks<{ framework?: string; port?: number }>(
    "detect",
    "--",
    "npm",
    "run",
    "dev",
  );
  assert.deepEqual([detected.framework, detected.port], ["rsbuild", 3000]);
  const port = await freePort();
  assert.equal((await developer.start("web", "--port", String(port))).port, port);
  assert.equal((await developer.wait("web")).status, "clean");

  developer.put("src/a.js", "export const a = (;\n");
  const broken = await developer.wait("web");
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.first, /src\/a\.js:1 .*(?:Expression expected|Unexpected token)/);
  developer.put("src/a.js", "export const a = 3;\n");
  assert.equal((await developer.wait("web")).status, "clean");
  developer.put("src/index.js", 'import "./gone.js";\n');
  const unresolved = await developer.wait("web");
  assert.equal(unresolved.code, 1, JSON.stringify(unresolved));
  assert.match(unresolved.first, /src\/index\.js:\d.*gone\.js/);
  await developer.stopsWhole("web", port);
});

// Docusaurus on Rspack wrote "compiled with 2 errors", and a wait passed: it "said nothing of a build".
test("Docusaurus on Rspack: a page that is broken fails a wait with its place", async (context) => {
  const cwd = await prepareCase("p07-docusaurus-rspack", context);
  const developer = new Developer(createHome(context), cwd);
  const port = await freePort();
  assert.equal((await developer.start("web", "--port", String(port), "--timeout", "170")).port, port);
  assert.equal((await developer.wait("web", "--visit", "/")).status, "clean");

  developer.put("src/pages/index.js", "export default function Home(: Node) {\n  return null;\n}\n");
  const broken = await developer.wait("web", "--visit", "/");
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.first, /src\/pages\/index\.js:1 /);
  developer.put("src/pages/index.js", "export default function Home() {\n  return <h1>docu</h1>;\n}\n");
  assert.equal((await developer.wait("web", "--visit", "/")).status, "clean");
  await developer.stopsWhole("web", port);
});
