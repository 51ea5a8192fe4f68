import assert from "node:assert/strict";
import { test } from "node:test";
import { code } from "../../../extension/state/words.ts";

test("code stays code whatever backticks it contains", () => {
  assert.equal(code("npm run dev"), "`npm run dev`");
  assert.equal(code("echo `date`"), "`` echo `date` ``");
  assert.equal(code("a``b"), "```a``b```");
});

test("code stays on one line", () => {
  assert.equal(code("sh -c 'a\n\nb'"), "`sh -c 'a b'`");
});
