import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { agentFiles } from "../../../daemon/detect/agent-files/read.ts";
import { activationEvents } from "../../../extension/contributions/activation.ts";
import { partsIn } from "../../support/built.ts";
import { repository } from "../../support/paths.ts";

/** What an editor parses to activate the extension, in bytes: a sixth of what one with everything had. */
const most = 128 * 1024;

/** The built file and what it imports at once, by path; what it imports when it is needed isn't among them. */
function loadedWith(file: string, seen = new Map<string, string>()): ReadonlyMap<string, string> {
  if (seen.has(file)) return seen;
  const text = readFileSync(file, "utf8");
  seen.set(file, text);
  for (const [, path = ""] of text.matchAll(/(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g))
    loadedWith(resolve(dirname(file), path), seen);
  return seen;
}

test("what is loaded with the editor is one small file, and has neither schemas nor sockets nor the language client", () => {
  const { main } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  const loaded = loadedWith(join(repository, main));
  const bytes = [...loaded.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  assert.ok(bytes <= most, `${bytes} bytes`);
  assert.equal(loaded.size, 1, [...loaded.keys()].join());
  const code = [...loaded.values()].join("\n");
  // Names that each of them keeps however it is minified.
  for (const [what, mark] of Object.entries({
    zod: "invalid_union",
    ws: "Sec-WebSocket",
    jsonrpc: "$/cancelRequest",
    jsonc: "InvalidSymbol",
  }))
    assert.equal(code.includes(mark), false, what);
});

test("what is loaded later is there, and takes what the editor has loaded from that one file", () => {
  const dist = join(repository, "dist");
  const { files, editorOnly } = JSON.parse(readFileSync(join(dist, ".contents.json"), "utf8"));
  const programs = files.filter((file: string) => /^[^/]+\.js$/.test(file));
  const missing = programs.flatMap((file: string) =>
    partsIn(readFileSync(join(dist, file), "utf8")).filter((part) => !programs.includes(part)),
  );
  assert.deepEqual(missing, []);
  const later = editorOnly.filter((file: string) => file.startsWith("part-"));
  const takers = later.filter((file: string) =>
    partsIn(readFileSync(join(dist, file), "utf8")).includes("extension.js"),
  );
  assert.ok(takers.length > later.length / 2, `${takers.length} of ${later.length}`);
});

test("the files of agents that name apps count as a project's, too", () => {
  // Cursor's says what is done with a checkout, and names no app.
  const naming = agentFiles.map(({ path }) => path).filter((path) => path !== ".cursor/worktrees.json");
  for (const path of naming) assert.ok(activationEvents.includes(`workspaceContains:${path}`), path);
});
