import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pageFor } from "../../../.ci/packages/page.ts";
import { repository } from "../../support/paths.ts";

const page = readFileSync(join(repository, "extension/README.md"), "utf8");

test("the extension's page shows its pictures from where they are on the web", () => {
  const shown = pageFor(page, "https://files.test/devlatch/");
  const addresses = [...shown.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, address]) => address);
  assert.deepEqual(addresses, [
    "https://files.test/devlatch/docs/sidebar.png",
    "https://files.test/devlatch/docs/status-bar.png",
  ]);
  assert.equal(pageFor("![a](https://b.test/c.png)", "https://files.test"), "![a](https://b.test/c.png)");
});

test("where they are nowhere on the web the page has no broken ones, and all of its text", () => {
  const shown = pageFor(page, undefined);
  assert.doesNotMatch(shown, /!\[/);
  assert.doesNotMatch(shown, /\n\n\n/);
  assert.equal(shown.split("\n").length, page.split("\n").length - 4);
  assert.match(shown, /^## Settings$/m);
});
