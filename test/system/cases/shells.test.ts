import assert from "node:assert/strict";
import { test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";

const shell = (src: string) => `<!doctype html>
<title>shell</title>
<div id="app"></div>
<script type="module" src="${src}"></script>
`;

// The page of an app that runs in the browser is a shell, the same for every path: answered with 200 whatever is broken.
test("a visit loads what the shell of an app names, and what that imports", async (context) => {
  const cwd = await prepareProject("vite", context);
  const developer = new Developer(createHome(context), cwd);
  const port = await freePort();
  developer.put("vite.config.js", 'export default { base: "/app/" };\n');
  developer.put("index.html", shell("/src/absent.js"));
  await developer.start("web", "--port", String(port));
  const absent = await developer.wait("web", "--visit", "/app/users/1");
  assert.notEqual(absent.status, "clean", JSON.stringify(absent));
  assert.match(`${absent.first} ${absent.reason}`, /absent\.js/);
  developer.put("index.html", shell("/src/main.js"));
  developer.put("src/main.js", 'import "./deep.js";\n');
  developer.put("src/deep.js", 'import "./gone.js";\n');
  const failed = await developer.wait("web", "--visit", "/app/users/1");
  assert.equal(failed.code, 1, JSON.stringify(failed));
  assert.match(failed.first, /src\/deep\.js:1 .*gone\.js/);
  developer.put("src/deep.js", "export const deep = 1;\n");
  assert.equal((await developer.wait("web", "--visit", "/app/users/1")).status, "clean");
  await developer.stopsWhole("web", port);
});
