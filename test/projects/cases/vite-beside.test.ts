import assert from "node:assert/strict";
import { test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareCase } from "../../support/projects.ts";

// `vitepress dev` was not known, so that Vite, a dependency too, was started in its place: a server that answers 404.
test("VitePress' own script is run, though Vite is a dependency", async (context) => {
  const cwd = await prepareCase("02-vitepress-beside-vite", context);
  const developer = new Developer(createHome(context), cwd);
  const port = await freePort();
  const started = await developer.start("web", "--port", String(port));
  assert.equal(started.port, port);
  assert.match(await developer.logs("web"), /> vitepress dev docs --port/);
  const page = await fetch(started.url);
  assert.deepEqual([page.status, /VitePress/i.test(await page.text())], [200, true]);
  assert.equal((await developer.wait("web")).status, "clean");

  developer.put("docs/index.md", "# Hello\n\n<script setup>\nconst broken = (;\n</script>\n");
  const broken = await developer.wait("web", "--visit", "/");
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.first, /docs\/index\.md:\? .*Unexpected token/);
  developer.put("docs/index.md", "# Mended\n");
  assert.equal((await developer.wait("web", "--visit", "/")).status, "clean");

  // A component that a page imports: what is wrong in it shows when it is asked for itself.
  developer.put("docs/a.md", '<script setup>\nimport B from "./B.vue";\n</script>\n\n<B/>\n');
  developer.put("docs/B.vue", "<template><p></template>\n");
  const imported = await developer.wait("web", "--visit", "/a");
  assert.equal(imported.code, 1, JSON.stringify(imported));
  assert.match(imported.first, /docs\/B\.vue:1 Element is missing end tag/);
  assert.equal((await developer.wait("web")).code, 1, "it is still broken");
  developer.put("docs/B.vue", "<template><p>b</p></template>\n");
  const mended = await developer.wait("web");
  assert.equal(mended.status, "clean", JSON.stringify(mended));
  await developer.stopsWhole("web", port);
});
