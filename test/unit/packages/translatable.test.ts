import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { translatable } from "../../../.ci/packages/translatable.ts";
import { repository } from "../../support/paths.ts";

const own = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
const { manifest, texts } = translatable(own);

/** As the editor puts the texts in. */
function withTexts(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => {
    const [, key] = typeof part === "string" ? (/^%([^%]+)%$/.exec(part) ?? []) : [];
    return key === undefined ? part : texts[key];
  });
}

test("an editor that knows no translation shows the manifest as it is", () => {
  assert.deepEqual(withTexts(manifest), own);
});

test("every text that people read can be translated: none with a blank is left but what is for programs", () => {
  const left: string[] = [];
  JSON.stringify(manifest["contributes"], (key, part: unknown) => {
    if (key === "inputSchema" || key === "modelDescription" || key === "when" || key === "enablement")
      return undefined;
    if (typeof part === "string" && /[A-Za-z] [A-Za-z]/.test(part)) left.push(`${key}: ${part}`);
    return part;
  });
  assert.deepEqual(left, []);
  for (const { command, title } of (manifest["contributes"] as typeof own.contributes).commands)
    assert.equal(title, `%commands.${command}.title%`);
});

test("what programs and models go by stays as it is", () => {
  const { languageModelTools, languages, commands, views } = manifest[
    "contributes"
  ] as typeof own.contributes;
  assert.deepEqual(languages, own.contributes.languages);
  for (const [index, tool] of languageModelTools.entries()) {
    const { name, modelDescription, inputSchema } = own.contributes.languageModelTools[index];
    assert.deepEqual(
      [tool.name, tool.modelDescription, tool.inputSchema],
      [name, modelDescription, inputSchema],
    );
  }
  assert.equal(commands[0].command, own.contributes.commands[0].command);
  assert.equal(views.devlatch[0].id, own.contributes.views.devlatch[0].id);
  assert.equal(manifest["description"], own.description, "npm shows that one, and knows no keys");
});
