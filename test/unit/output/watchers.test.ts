import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { lastCrash } from "../../../daemon/output/watchers.ts";
import { repository } from "../../support/paths.ts";

/** All that was said up to the end of a part of a recording, without times. */
function upTo(name: string, part: string): readonly string[] {
  const text = readFileSync(join(repository, "test/fixtures/output", `${name}.txt`), "utf8");
  const lines = text.split("\n");
  const begin = lines.indexOf(`=== ${part}`);
  assert.notEqual(begin, -1, part);
  const next = lines.findIndex((line, at) => at > begin && line.startsWith("=== "));
  const said = lines.slice(0, next === -1 ? undefined : next).filter((line) => !line.startsWith("=== "));
  return said.map((line) => line.replace(/^\d+\|/, ""));
}

const node = ["/srv/app/a.js:3", "Error: boom", "    at run (/srv/app/a.js:3:7)", "", "Node.js v24.21.0"];
const boom = { message: "Error: boom", place: { file: "/srv/app/a.js", line: 3, column: 7 } };

for (const [what, lines, found] of [
  ["nothing", [], undefined],
  ["a server that runs", ["Listening on http://localhost:3000"], undefined],
  [
    "nodemon, which says so",
    [...node, "[nodemon] app crashed - waiting for file changes before starting..."],
    { proof: "told", ...boom },
  ],
  [
    "nodemon, of a program that ended well",
    ["done", "[nodemon] clean exit - waiting for changes before restart"],
    { proof: "told" },
  ],
  [
    "node --watch",
    [...node, "Failed running 'a.js'. Waiting for file changes before restarting..."],
    { proof: "told", ...boom },
  ],
  ["an older node --watch", [...node, "Failed running 'a.js'"], { proof: "told", ...boom }],
  ["node --watch, which begins again", ["Failed running 'a.js'", "Restarting 'a.js'"], undefined],
  ["tsx, which says nothing", node, { proof: "shown", ...boom }],
  ["tsx, which begins again", [...node, "12:41:20 PM [tsx] change in ./a.ts Rerunning..."], undefined],
  [
    "tsx, which begins again and falls again",
    ["Error: old", "Node.js v24.21.0", "12:41:20 PM [tsx] change in ./a.ts Rerunning...", ...node],
    { proof: "shown", ...boom },
  ],
  ["ts-node-dev", ["[ERROR] 12:41:30 Error: boom"], { proof: "shown", message: "Error: boom" }],
  [
    "ts-node-dev, which begins again",
    ["[ERROR] 12:41:30 Error: boom", "[INFO] 12:41:32 Restarting: /srv/app/a.ts has been modified"],
    undefined,
  ],
  [
    "Nest or tsc-watch, which compile anew",
    [...node, "12:41:38 PM - File change detected. Starting incremental compilation..."],
    undefined,
  ],
  [
    "a compiler that starts the program once all compiled",
    [
      "12:41:38 PM - Starting compilation in watch mode...",
      "src/a.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
      "12:41:39 PM - Found 1 error. Watching for file changes.",
    ],
    { proof: "uncompiled", place: { file: "src/a.ts", line: 3, column: 7 } },
  ],
  ["a compiler that found nothing", ["[12:41:39 PM] Found 0 errors. Watching for file changes."], undefined],
  [
    "ts-node-dev, whose heading stands above the error",
    [
      "[ERROR] 12:41:30 ⨯ Unable to compile TypeScript:",
      "src/a.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
      "",
    ],
    { proof: "shown", place: { file: "src/a.ts", line: 3, column: 7 } },
  ],
  [
    "deno",
    ["error: Uncaught Error: boom", "Watcher Process failed. Restarting on file change..."],
    { proof: "told" },
  ],
  [
    "a part of several",
    ["[api] [nodemon] app crashed - waiting for file changes before starting..."],
    { proof: "told", source: "api" },
  ],
  ["a line that only quotes it", ["docs: [nodemon] app crashed - waiting for it"], undefined],
] as const) {
  test(`the end of a watched program: ${what}`, () => {
    const crash = lastCrash(lines);
    if (found === undefined || crash === undefined) assert.equal(crash, found);
    else assert.partialDeepStrictEqual(crash, found);
  });
}

for (const [name, part, crashes] of [
  ["nodemon-3.1.14", "change", false],
  ["nodemon-3.1.14", "crash", true],
  ["nodemon-3.1.14", "fix", false],
  ["nodemon-3.1.14", "rs", false],
  ["node-24.21.0-watch", "started", true],
  ["node-24.21.0-watch", "end", true],
] as const) {
  test(`in ${name}, after "${part}": ${crashes ? "it waits" : "it runs"}`, () => {
    assert.equal(lastCrash(upTo(name, part)) !== undefined, crashes);
  });
}

test("hostile lines cost what they are long", () => {
  const long = ["[".repeat(50_000), `Failed running '${"a".repeat(50_000)}`, `[${"x ".repeat(20_000)}`];
  const begun = performance.now();
  for (let round = 0; round < 20; round++) lastCrash(long);
  assert.ok(performance.now() - begun < 60_000);
});
