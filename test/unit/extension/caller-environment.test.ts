import assert from "node:assert/strict";
import { test } from "node:test";
import { callerEnvironment } from "../../../extension/commands/caller-environment.ts";

test("a server inherits the user's variables, not the editor's and not ours", () => {
  const env = {
    PATH: "/bin",
    API_URL: "http://x",
    VSCODE_PID: "1",
    ELECTRON_RUN_AS_NODE: "1",
    DEVLATCH_REDIS_URL: "redis://:secret@x",
    GONE: undefined,
  };
  assert.deepEqual(callerEnvironment(env), { PATH: "/bin", API_URL: "http://x" });
});

test("the debugger's NODE_OPTIONS stay in the editor, the user's own go along", () => {
  const injected = "--require /ext/ms-vscode.js-debug/src/bootloader.js --inspect-publish-uid=http";
  assert.deepEqual(callerEnvironment({ NODE_OPTIONS: injected }), {});
  const own = "--max-old-space-size=4096";
  assert.deepEqual(callerEnvironment({ NODE_OPTIONS: own }), { NODE_OPTIONS: own });
});
