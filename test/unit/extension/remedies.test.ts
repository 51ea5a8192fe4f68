import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { editorRemedy } from "../../../extension/state/state-line.ts";
import { repository } from "../../support/paths.ts";

/** Words of the command line's own, which a user of the editor types nowhere. */
const ofCommandLine = /\bdevlatch [a-z]|(?:^|[\s`(])--[a-z]/;

/** What is said on terminals, or tells programs from each other, and never comes to an editor. */
const elsewhere = /^daemon[\\/](?:cli|guard|mcp|detect[\\/]tools)/;

/** Texts of daemon and model that speak of the command line, with a name in the place of each value. */
function textsOfCommandLine(): readonly string[] {
  const files = globSync("{daemon,shared}/**/*.ts", { cwd: repository }).filter(
    (one) => !elsewhere.test(one),
  );
  return files.flatMap((file) => {
    const source = readFileSync(join(repository, file), "utf8");
    const literals = [...source.matchAll(/`((?:[^`\\]|\\.)*)`|"((?:[^"\\\n]|\\.)*)"/g)];
    return literals
      .map(([, template, text]) => (template ?? text ?? "").replaceAll(/\$\{[^}]*\}/g, "web"))
      .filter((text) => ofCommandLine.test(text));
  });
}

test("of all that the daemon advises, the editor says nothing that is typed in a terminal", () => {
  const texts = textsOfCommandLine();
  assert.ok(texts.length > 100, `there are ${texts.length}`);
  const left = texts.map(editorRemedy).filter((text) => ofCommandLine.test(text));
  assert.deepEqual(left, []);
});
