import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { firstErrorIn } from "../../../daemon/output/first-error.ts";

describe("the error that a program's end is about", () => {
  const stack = Array.from(
    { length: 20 },
    (_, line) => `    at step${line} (/srv/app/node_modules/x/y.js:${line + 1}:1)`,
  );

  it("is the one that Node ends with, however long its stack is and whatever was printed before", () => {
    const lines = ["Error: only logged", "", "/srv/app/server.js:3", "  throw new Error('boom')", "  ^", ""];
    const end = ["Error: boom", "    at start (/srv/app/server.js:3:9)", ...stack, "", "Node.js v24.21.0"];
    assert.equal(firstErrorIn([...lines, ...end]), "/srv/app/server.js:3:9: Error: boom");
  });

  it("is the first one of a build where there are several", () => {
    const lines = [
      "a.ts(2,7): error TS1005: ';' expected.",
      "b.ts(3,1): error TS2304: Cannot find name 'x'.",
    ];
    assert.equal(firstErrorIn(lines), "a.ts:2:7: TS1005: ';' expected.");
  });

  it("is the last line of a traceback, at the app's own call", () => {
    const lines = [
      "Traceback (most recent call last):",
      '  File "/srv/app/app.py", line 4, in <module>',
      "    import gone",
      "ModuleNotFoundError: No module named 'gone'",
    ];
    assert.equal(firstErrorIn(lines), "/srv/app/app.py:4: ModuleNotFoundError: No module named 'gone'");
  });

  it("is none where none is understood", () => {
    assert.equal(firstErrorIn(["it broke", ""]), undefined);
    assert.equal(firstErrorIn([]), undefined);
  });
});
