import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { textWithApp } from "../../../extension/commands/config-text.ts";

const root = join("/", "shop");
const api = { app: "api", cwd: join(root, "apps", "api"), command: ["npm", "run", "dev"] as const };
const added = { ...api, command: [...api.command] as ["npm", "run", string] };

test("an app that is set up stands beside the others, with its comments kept", () => {
  const text = '{\n  // ours\n  "apps": {\n    "web": {\n      "port": 3000\n    }\n  }\n}\n';
  assert.equal(
    textWithApp(text, added, root),
    '{\n  // ours\n  "apps": {\n    "web": {\n      "port": 3000\n    },\n    "api": {\n      "command": "npm run dev",\n      "cwd": "apps/api"\n    }\n  }\n}\n',
  );
});

test("in an empty file it is the first one, and in the root it needs no directory", () => {
  for (const text of ["", "{}"]) {
    const result: unknown = JSON.parse(textWithApp(text, { ...added, cwd: root }, root));
    assert.deepEqual(result, { apps: { api: { command: "npm run dev" } } });
  }
});

test("a file with no room for it is left alone, with words", () => {
  assert.throws(() => textWithApp("[]", added, root), { code: "CONFIG_INVALID" });
});
