import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExtensionTerminalOptions, TerminalOptions } from "vscode";
import { closeLeftBehind } from "../../../extension/terminals/left-behind.ts";

const name = "web dev server";

test("of the terminals that have our name, those alone are closed that an ended extension host has left without a process", async () => {
  const closed: string[] = [];
  const terminal = (what: string, creationOptions: object, pid: number | undefined) => ({
    creationOptions: creationOptions as TerminalOptions | ExtensionTerminalOptions,
    processId: Promise.resolve(pid),
    dispose: () => void closed.push(what),
  });
  const open = [
    // As VS Code 1.139 tells of them.
    terminal("left behind", { name, env: {}, shellPath: undefined }, -1),
    terminal("left behind, in words of before", { name }, undefined),
    terminal("ours, alive", { name, pty: {}, isTransient: true }, -1),
    terminal("a shell that a person named so", { shellPath: "/bin/bash" }, 7),
    terminal("a shell that was made with that name", { name, shellPath: "/bin/bash" }, 7),
    terminal("another extension's shell", { name }, 7),
    terminal("another's, left behind", { name: "build" }, -1),
    terminal("without a name", {}, -1),
  ];
  await closeLeftBehind(open, new Set([name]));
  assert.deepEqual(closed, ["left behind", "left behind, in words of before"]);
});
