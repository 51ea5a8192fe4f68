import assert from "node:assert/strict";
import { test } from "node:test";
import { hiddenPartOf, markdownOf } from "../../../daemon/servers/hidden-part.ts";

test("a page of VitePress is the file that its client imports", () => {
  const imported = (path: string) => markdownOf(new URL(path, "http://localhost:5173")).href.slice(21);
  assert.equal(imported("/"), "/index.md?import");
  assert.equal(imported("/guide/"), "/guide/index.md?import");
  assert.equal(imported("/guide/start"), "/guide/start.md?import");
  assert.equal(imported("/guide/start.html?a=1#b"), "/guide/start.md?import");
});

test("other frameworks' pages name what they load", async () => {
  const page = new URL("http://localhost:5173/");
  for (const framework of ["vite", undefined])
    assert.equal(await hiddenPartOf(framework, page, AbortSignal.timeout(1_000)), undefined);
});
