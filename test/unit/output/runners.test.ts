import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OutputReader } from "../../../daemon/output/output-reader.ts";
import { buildsOf, changesOf, lines, recording, signalsOf } from "./samples.ts";

const viteSyntax = "src/main.ts:1:18 [PARSE_ERROR] Unexpected token";
const serverFile = "/srv/app/server.js";
const typed = "/srv/app/src/a.ts";

/** Of the workspace in which pnpm and turbo were recorded. */
const packages = new Map([
  ["@mono/web", "packages/web"],
  ["@mono/api", "packages/api"],
]);

/** By recording: what the build looks like after each step that changes it. */
const expected: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "webpack-5.113.0": [
    ["", "clean"],
    ["syntax error", "failed / src/a.js:2:18 Module parse failed: Unexpected token (2:17)"],
    ["fix", "clean"],
    [
      "missing module",
      "failed / src/index.js:2:1 Module not found: Error: Can't resolve './missing.js' in '/srv/app/src' / src/index.js:3:1 Module not found: Error: Can't resolve 'not-installed' in '/srv/app/src'",
    ],
    ["fix", "clean"],
    [
      "two files broken",
      "failed / src/index.js:2:5 Module parse failed: The keyword 'let' is reserved (2:4)",
    ],
    ["fix", "clean"],
  ],
  "ts-loader-9.6.2": [
    ["", "clean"],
    ["type error", `failed / ${typed}:2:14 TS2322: Type 'string' is not assignable to type 'number'.`],
    ["fix", "clean"],
    [
      "syntax error",
      `failed / src/a.ts:1:19 Module parse failed: Unexpected token (1:18) / ${typed}:1:26 TS1109: Expression expected.`,
    ],
    ["fix", "clean"],
  ],
  "nodemon-3.1.14": [
    ["", "clean"],
    ["crash", `failed / ${serverFile}:2:9 Error: no database`],
    ["fix", "clean"],
    ["syntax error", `failed / ${serverFile}:1:7 SyntaxError: Unexpected token '='`],
    ["clean exit", "clean"],
  ],
  "concurrently-10.0.7": [
    ["", "clean"],
    ["syntax error", `failed / ${viteSyntax}`],
    ["fix", "clean"],
    ["api crash", "failed / /srv/app/api.js:1:7 Error: no database"],
    ["api fix", "clean"],
  ],
  "concurrently-10.0.7-next": [
    ["", "clean"],
    ["syntax error", "failed / app/page.js:2:13 Expression expected"],
    ["fix", "clean"],
    ["throw", "failed / app/page.js:2:9 Error: boom from page"],
    ["fix", "clean"],
  ],
  "concurrently-10.0.7-restart": [
    ["", "clean"],
    ["syntax error", `failed / src/main.ts:1:18 TS1109: Expression expected. / ${viteSyntax}`],
    ["fix", "clean"],
  ],
  "concurrently-10.0.7-kill-others": [
    ["", "clean"],
    ["one fails", "failed / ? Error: no database"],
  ],
  "concurrently-10.0.7-webpack": [
    ["", "clean"],
    ["syntax error", "failed / src/index.js:1:18 Module parse failed: Unexpected token (1:17)"],
    ["fix", "clean"],
    // Stopped with Ctrl+C: nodemon calls it a crash.
    ["end", "failed / ? The app crashed"],
  ],
  "pnpm-10.34.9-recursive": [
    ["", "clean"],
    ["syntax error", `failed / packages/web/${viteSyntax}`],
    ["fix", "clean"],
    ["api crash", "failed / /srv/app/packages/api/api.js:1:7 Error: no database"],
  ],
  "turbo-2.11.11": [
    ["", "clean"],
    ["syntax error", `failed / packages/web/${viteSyntax}`],
    ["fix", "clean"],
    ["api crash", "failed / /srv/app/packages/api/api.js:1:7 Error: no database"],
  ],
  "npm-run-all2-9.0.4": [["", "clean"]],
};

describe("a recorded build", () => {
  for (const [name, steps] of Object.entries(expected)) {
    it(`of ${name} is broken and mended as its project was`, () => {
      assert.deepEqual(changesOf(recording(name), packages), steps);
    });

    it(`of ${name} says the same in pieces of any size`, () => {
      const all = recording(name).flatMap(({ lines }) => lines);
      const whole = signalsOf(all);
      for (let round = 0; round < 20; round++) {
        const reader = new OutputReader();
        const signals = [];
        for (let at = 0; at < all.length; ) {
          const size = 1 + Math.floor(Math.random() * (round + 1));
          signals.push(...reader.push(all.slice(at, at + size)));
          at += size;
        }
        assert.deepEqual([...signals, ...reader.flush()], whole);
      }
    });
  }

  it("of webpack ends once for each time it was built, with its errors before", () => {
    assert.deepEqual(kindsOf("webpack-5.113.0"), [
      "compiled url url",
      "error failed",
      "compiled",
      "error error failed",
      "compiled",
      "warning compiled",
      "error failed",
      "compiled",
    ]);
    assert.deepEqual(kindsOf("ts-loader-9.6.2"), [
      "compiled url url",
      "error failed",
      "compiled",
      "error error failed",
      "compiled",
    ]);
  });

  it("of webpack warns in its own words, with the place", () => {
    const all = signalsOf(recording("webpack-5.113.0").flatMap(({ lines }) => lines));
    const warnings = all.flatMap((signal) =>
      signal.kind === "warning" ? [[signal.message, signal.place]] : [],
    );
    assert.deepEqual(warnings, [
      [
        "export 'nope' (imported as 'nope') was not found in './a.js' (possible exports: a)",
        { file: "src/index.js", line: 2, column: 22 },
      ],
    ]);
  });

  it("of nodemon begins again once for each change, and what ends well is no failure", () => {
    assert.deepEqual(kindsOf("nodemon-3.1.14"), [
      "restarted url",
      "compiling restarted url",
      "compiling restarted error failed failed",
      "compiling restarted url",
      "compiling restarted error failed failed",
      "compiling restarted",
      "compiling restarted url",
      "restarted url",
    ]);
  });

  it("tells the parts of a server by the names that each runner gives them, also where they are those of tools", () => {
    const partsOf = (name: string) => {
      const all = signalsOf(recording(name).flatMap(({ lines }) => lines));
      return [...new Set(all.map(({ source }) => source))].sort();
    };
    assert.deepEqual(partsOf("concurrently-10.0.7"), ["api", "web"]);
    assert.deepEqual(partsOf("concurrently-10.0.7-restart"), ["api", "tsc", "vite"]);
    assert.deepEqual(partsOf("concurrently-10.0.7-webpack"), ["0", "1"]);
    assert.deepEqual(partsOf("pnpm-10.34.9-recursive"), ["packages/api dev", "packages/web dev"]);
    assert.deepEqual(partsOf("turbo-2.11.11"), ["@mono/api:dev", "@mono/web:dev"]);
    assert.deepEqual(partsOf("npm-run-all2-9.0.4"), ["dev:web"]);
  });
});

describe("a place that is named in full", () => {
  it("is told from where the server runs, where it lies below that; a file of another place stays", () => {
    const reader = new OutputReader({ root: "/srv/app", packages });
    const [signal] = reader.push(
      lines(
        "Error: left over",
        "    at render (/srv/app/src/a.ts:2:9)",
        "    at load (/srv/application/b.ts:3:1)",
        "    at page (/srv/c.ts:4:1)",
        "    at own (src/d.ts:5:1)",
        "end",
      ),
    );
    assert.ok(signal?.kind === "error");
    assert.deepEqual(
      signal.stack.map(({ file }) => file),
      ["src/a.ts", "/srv/application/b.ts", "/srv/c.ts", "src/d.ts"],
    );
    assert.equal(signal.place?.file, "src/a.ts");
  });
});

describe("a part that works in a package", () => {
  const saying = (...said: readonly string[]) =>
    new OutputReader({ root: "", packages }).push(
      lines(...said.map((line) => `@mono/web:dev: ${line}`), "@mono/web:dev: end"),
    );

  it("names files from there; not those that it names in full, from the root, or that are none", () => {
    const [signal] = saying(
      "Error: nobody waits",
      "    at render (src/a.ts:2:9)",
      "    at load (/srv/app/packages/api/b.ts:3:1)",
      "    at page (packages/web/app/page.ts:4:1)",
      "    at process.run (node:internal/process:5:1)",
      "    at browser (http://localhost:5173/src/c.ts:6:1)",
    );
    assert.ok(signal?.kind === "error");
    assert.deepEqual(
      signal.stack.map(({ file }) => file),
      [
        ...["packages/web/src/a.ts", "/srv/app/packages/api/b.ts", "packages/web/app/page.ts"],
        ...["node:internal/process", "http://localhost:5173/src/c.ts"],
      ],
    );
    assert.equal(signal.place?.file, "packages/web/src/a.ts");
  });

  it("is told with its directory, others without", () => {
    const reader = new OutputReader({ root: "", packages });
    reader.push(
      lines("@mono/web:dev: hello", "apps/shop dev: hello", "unheard:dev: hello", "[web] hello", "hello"),
    );
    assert.deepEqual(reader.directories, { "@mono/web:dev": "packages/web", "apps/shop dev": "apps/shop" });
  });
});

describe("a part that a runner runs", () => {
  it("failed when its command ended with a code or was killed, and is well again once it was restarted", () => {
    const at = (time: number, text: string) => ({ name: text, lines: [{ seq: time, time, text }] });
    const builds = buildsOf([
      at(1_000, "[api] node api.js exited with code SIGKILL"),
      at(2_000, "[api] node api.js restarted"),
    ]);
    assert.deepEqual(
      builds.map(({ build }) => build),
      ["failed / ? Exited with code SIGKILL", "clean"],
    );
  });

  it("is fine when it was stopped or was done, and when it only tells of a process of its own", () => {
    const harmless = [
      "[api] node api.js exited with code 0",
      "[api] node api.js exited with code SIGTERM",
      "[api] worker 3 exited with code 1",
      "[api] The child process exited with code 1",
      "[api] [pool] worker exited with code 1",
      "node api.js exited with code 1",
      "[api] the pool restarted",
      "src/a.ts error: none",
      "/srv/app/web dev: none",
    ];
    assert.deepEqual(signalsOf(lines(...harmless)), []);
  });
});

describe("a warning of webpack", () => {
  it("leaves the end of the build that follows it alone", () => {
    const kinds = signalsOf(
      lines("WARNING in ./src/a.js 1:0-4", "webpack 5.113.0 compiled with 1 warning in 30 ms"),
    ).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["warning", "compiled"]);
  });
});

/** By step of a recording: the kinds of what it says. */
function kindsOf(name: string): string[] {
  const steps = recording(name).map(({ lines }) => signalsOf(lines));
  return steps.map((signals) => signals.map(({ kind }) => kind).join(" "));
}
