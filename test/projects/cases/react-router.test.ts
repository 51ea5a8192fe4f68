import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareCase } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";

// The first wait told of an answer of 500 without a place, though the error was printed with it, and the next one was clean.
test("React Router in a server of its own: a route that is broken stays broken until it is mended", async (context) => {
  const cwd = await prepareCase("p08-react-router-own-server", context);
  const developer = new Developer(createHome(context), cwd);
  const port = await freePort();
  const started = await developer.start("web", "--port", String(port));
  assert.equal(started.port, port);
  assert.match(await (await fetch(started.url)).text(), /<h1>hello<\/h1>/);
  assert.equal((await developer.wait("web", "--visit", "/")).status, "clean");

  const home = readFileSync(join(cwd, "app/routes/home.jsx"), "utf8");
  developer.put("app/routes/home.jsx", home.replace("return {", "return ({"));
  for (const more of [["--visit", "/"], [], []]) {
    const broken = await developer.wait("web", ...more);
    assert.equal(broken.code, 1, JSON.stringify(broken));
    assert.match(broken.first, /app\/routes\/home\.jsx:\d/);
  }
  developer.put("app/routes/home.jsx", home.replace("hello", "mended"));
  const mended = await developer.wait("web");
  assert.deepEqual([mended.code, mended.status], [0, "clean"], JSON.stringify(mended));
  assert.match(await (await fetch(started.url)).text(), /<h1>mended<\/h1>/);

  // It compiles and throws when it is asked for.
  developer.put("app/routes/home.jsx", home.replace("return {", 'throw new Error("no data");\n  return {'));
  for (const more of [["--visit", "/"], []]) {
    const thrown = await developer.wait("web", ...more);
    assert.equal(thrown.code, 1, JSON.stringify(thrown));
    assert.match(thrown.first, /app\/routes\/home\.jsx:2 .*no data/);
  }
  await developer.stopsWhole("web", port);
});

test("React Router: routes that it can't read are no clean build, until they are mended", async (context) => {
  const cwd = await prepareCase("p08-react-router-own-server", context);
  const developer = new Developer(createHome(context), cwd);
  const manifest = readFileSync(join(cwd, "package.json"), "utf8");
  developer.put("package.json", manifest.replace("node server.js", "react-router dev"));
  const port = await freePort();
  await developer.start("web", "--port", String(port));
  assert.equal((await developer.wait("web")).status, "clean");
  const routes = readFileSync(join(cwd, "app/routes.js"), "utf8");
  developer.put("app/routes.js", `${routes}${routes}`);
  // Vite reads them anew in a second or two.
  await waitFor("the broken routes", async () => {
    const { code, first } = await developer.wait("web");
    return code === 1 && /Route config (?:in "routes\.js" is invalid|must be the default export)/.test(first);
  });
  developer.put("app/routes.js", routes);
  await waitFor("the mended routes", async () => (await developer.wait("web")).status === "clean");
  await developer.stopsWhole("web", port);
});
