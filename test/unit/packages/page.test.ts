import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
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

test("the pictures of docs are small: each has a palette, as what takes them writes it, and is there where a page names it", () => {
  const pictures = globSync("docs/**/*.png", { cwd: repository });
  assert.ok(pictures.length > 0);
  for (const picture of pictures) {
    const bytes = readFileSync(join(repository, picture));
    // PNG (ISO/IEC 15948) 11.2.2: the header's colour type, 3 with a palette.
    assert.equal(bytes[25], 3, picture);
    assert.ok(bytes.length < 96 * 1024, `${picture}: ${bytes.length} bytes`);
  }
  for (const file of ["README.md", "extension/README.md"])
    for (const [, path = ""] of readFileSync(join(repository, file), "utf8").matchAll(
      /\]\((docs\/[^)]+\.png)\)/g,
    ))
      assert.ok(pictures.includes(path), `${file} names ${path}`);
});
