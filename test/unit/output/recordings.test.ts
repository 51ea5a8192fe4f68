import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildsOf, changesOf, lines, recording, signalsOf } from "./samples.ts";

const nextSyntax = "app/page.js:3:9 Unexpected token `=`. Expected yield, an identifier, [ or {";
const nextMissing = "app/page.js:1:1 Module not found: Can't resolve './missing'";
const nextMissingToo = "app/page.js:2:1 Module not found: Can't resolve 'not-installed'";
const nextType = "app/page.js:3:22 TypeError: Cannot read properties of undefined (reading 'name')";
const nextThrown = "app/page.js:2:9 Error: boom from page";
const astroFile = "/srv/app/src/pages/index.astro";

/** By recording: what the build looks like after each step that changes it. */
const expected: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "next-16.4.6-turbopack": [
    ["", "clean"],
    ["get", `failed / ${nextSyntax}`],
    ["fix", "clean"],
    ["missing module", `failed / ${nextMissing} / ${nextMissingToo}`],
    // The page was asked for before Next saw the change: each of these shows what the step before did.
    ["throw", `failed / ${nextType}`],
    ["console.error", `failed / ${nextThrown}`],
    ["bad export", "clean"],
    ["unhandled rejection", "failed / app/page.js:1:1 Export nope doesn't exist in target module"],
    ["fixed", "clean"],
  ],
  "next-16.4.6-webpack": [
    ["", "clean"],
    ["syntax error", `failed / ${nextSyntax}`],
    ["get", "clean"],
    ["missing module", `failed / ${nextMissing}`],
    ["throw", `failed / ${nextType}`],
    ["console.error", `failed / ${nextThrown}`],
    ["bad export", "clean"],
    ["fixed", "failed / app/page.js:2:18 unhandledRejection: Error: nobody waits"],
    ["config", "clean"],
  ],
  "vite-8.3.8": [
    ["", "clean"],
    [
      "import of directory",
      "failed / src/b.jsx:1:37 [PARSE_ERROR] Expected corresponding JSX closing tag for 'span'. / src/b.jsx:1:41 [PARSE_ERROR] Unexpected token",
    ],
    ["config syntax", "failed / vite.config.js:1:306 [PARSE_ERROR] Unexpected token"],
    ["config fixed", "clean"],
  ],
  "astro-7.3.5": [
    ["", "clean"],
    ["syntax error", `failed / ${astroFile}:2:10 [CompilerError] Unexpected token`],
    ["fix", "clean"],
    ["missing", `failed / ${astroFile}:2:15 Could not import \`../missing.astro\`.`],
    ["unclosed", `failed / ${astroFile}:1:18 [CompilerError] Unexpected token`],
    ["fix", "clean"],
  ],
  "expo-56.0.23": [
    ["", "unknown"],
    ["started", "clean"],
    ["syntax error", "failed / /srv/app/App.js:4:37 SyntaxError: Unterminated JSX contents."],
    ["fix", "clean"],
  ],
  "typescript-7.0.2": [["", "failed / a.ts:1:14 TS2322: Type 'string' is not assignable to type 'number'."]],
  "esbuild-0.28.2": [
    ["", "clean"],
    ["break", 'failed / a.ts:1:26 Unexpected ";"'],
    ["fix", "clean"],
  ],
  "node-24.21.0-watch": [
    ["", "unknown"],
    ["started", "failed / /srv/app/server.js:1:7 SyntaxError: Unexpected token '='"],
    ["fix", "clean"],
    ["end", "failed / ? Failed running 'server.js'"],
  ],
};

describe("a recorded build", () => {
  for (const [name, steps] of Object.entries(expected)) {
    it(`of ${name} is broken and mended as its project was`, () => {
      assert.deepEqual(changesOf(recording(name)), steps);
    });
  }

  it("gives an uncaught exception of Node as one error with its stack, and takes what was only printed for no build", () => {
    const [printed, thrown] = errorsOf("node-24.21.0-throw");
    assert.equal(printed?.message, "Error: only logged");
    assert.equal(thrown?.message, "Error: boom from plain");
    assert.deepEqual(thrown?.place, { file: "/srv/app/server.js", line: 4, column: 39 });
    assert.equal(thrown?.stack[0]?.name, "Server.handle");
    const builds = buildsOf(recording("node-24.21.0-throw")).map(({ build }) => build.split(" ")[0]);
    assert.deepEqual([...new Set(builds)], ["unknown", "failed"], "what was only printed is no failure");
  });

  it("gives a missing module of Node with its code", () => {
    const [missing, ...others] = errorsOf("node-24.21.0-missing");
    assert.deepEqual(others, []);
    assert.match(
      missing?.message ?? "",
      /^Error \[ERR_MODULE_NOT_FOUND\]: Cannot find module '\/srv\/app\/missing\.js'/,
    );
  });

  it("tells the URLs of each framework", () => {
    const urls = (name: string) =>
      signalsOf(recording(name).flatMap(({ lines }) => lines)).flatMap((signal) =>
        signal.kind === "url" ? signal.url : [],
      );
    const next = ["http://localhost:40029", "http://192.0.2.10:40029"];
    assert.deepEqual(urls("next-16.4.6-turbopack"), [...next, ...next], "it restarts for its configuration");
    assert.deepEqual(urls("vite-8.3.8"), ["http://localhost:37047/"]);
    assert.deepEqual(urls("astro-7.3.5"), ["http://localhost:43803/"]);
    assert.deepEqual(urls("expo-56.0.23"), ["exp://192.0.2.10:38349"]);
  });

  it("says how long it took", () => {
    const all = signalsOf(recording("expo-56.0.23").flatMap(({ lines }) => lines));
    const took = all.flatMap((signal) => (signal.kind === "compiled" ? signal.ms : []));
    assert.deepEqual(took, [498, 53]);
    assert.equal(all.filter(({ kind }) => kind === "compiling").length, 1, "progress is told once");
  });
});

describe("lines as these tools write them", () => {
  it("are told apart by the part of the server that a runner names", () => {
    const signals = signalsOf(
      lines(
        "[web] ⨯ ./app/page.js:3:9",
        "[api] Listening on http://localhost:4000",
        "[web] Error: Unexpected token",
      ),
    );
    assert.deepEqual(
      signals.map(({ kind, source }) => [kind, source]),
      [
        ["url", "api"],
        ["error", "web"],
      ],
    );
    const [, error] = signals;
    assert.equal(error?.kind === "error" && error.message, "Unexpected token");
  });

  it("are errors of webpack, with columns from 1", () => {
    const [error, failed] = signalsOf(
      lines(
        "ERROR in ./src/a.js 3:10-20",
        "Module not found: Error: Can't resolve './x'",
        "webpack 5.99.0 compiled with 1 error in 30 ms",
      ),
    );
    assert.deepEqual(error?.kind === "error" && [error.message, error.place], [
      "Module not found: Error: Can't resolve './x'",
      { file: "src/a.js", line: 3, column: 11 },
    ]);
    assert.equal(failed?.kind, "failed");
  });

  it("are errors of tsc in both its forms", () => {
    const [one, two] = signalsOf(
      lines("a.ts(2,7): error TS1005: ';' expected.", "b.ts:3:1 - error TS2304: Cannot find name 'x'."),
    );
    assert.deepEqual(one?.kind === "error" && one.place, { file: "a.ts", line: 2, column: 7 });
    assert.deepEqual(two?.kind === "error" && two.place, { file: "b.ts", line: 3, column: 1 });
  });

  for (const marks of [(word: string) => `${word.padEnd(5)} -`, (word: string) => `- ${word}`])
    it(`are a build of Next 13: \`${marks("error")}\``, () => {
      const signals = signalsOf(
        lines(
          `${marks("wait")} compiling / (client and server)...`,
          `${marks("error")} ./app/(marketing)/page.tsx`,
          "Error: ",
          "  x Unexpected token `=`. Expected yield, an identifier, [ or {",
          "     ,-[/srv/app/app/(marketing)/page.tsx:221:1]",
          " 224 | const = 1",
          "     :       ^",
          `${marks("wait")} compiling /_error (client and server)...`,
          `${marks("wait")} compiling /...`,
          `${marks("event")} compiled client and server successfully in 118 ms (214 modules)`,
        ),
      );
      assert.deepEqual(
        signals.map(({ kind }) => kind),
        ["compiling", "error", "compiling", "compiled"],
      );
      const [, error] = signals;
      assert.ok(error?.kind === "error");
      assert.equal(error.message, "Unexpected token `=`. Expected yield, an identifier, [ or {");
      assert.equal(error.place?.file, "app/(marketing)/page.tsx");
    });

  it("are an error of Metro with the file it names", () => {
    const [error] = signalsOf(
      lines(
        "Android Bundling failed 12ms index.js (1 module)",
        'Unable to resolve "./missing" from "App.js"',
        '> 1 | import x from "./missing";',
        "    |                ^",
      ),
    );
    assert.deepEqual(error?.kind === "error" && error.place, { file: "App.js", line: 1, column: 16 });
  });

  it("are an error of Metro also where its bar is drawn once more before them", () => {
    const [, error] = signalsOf(
      lines(
        "Web apps/expo/index.ts ▓▓▓▓▓▓▓▓▓▓▓▓▓░░░ 81.6% (28/31)",
        "Web Bundling failed 1124ms apps/expo/index.ts (34 modules)",
        "Web apps/expo/index.ts ▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░ 88.6% (32/34)",
        'Unable to resolve "react-native-web/dist/index" from "src/root.js"',
      ),
    );
    assert.ok(error?.kind === "error");
    assert.match(error.message, /^Unable to resolve "react-native-web/);
    assert.deepEqual(error.place, { file: "src/root.js" });
  });

  it("of a bar that is drawn once more are no new build, those of the next bundle are", () => {
    const android = (done: string) => `Android index.js ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░ ${done}`;
    const ios = (done: string) => `iOS index.js ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░ ${done}`;
    const signals = signalsOf(
      lines(
        android(" 0.0% (0/1)"),
        ios("12.5% ( 1/8)"),
        android("99.9% (17/17)"),
        "Android Bundled 1254ms index.js (17 modules)",
        android("99.9% (17/17)"),
        ios("40.0% ( 4/10)"),
        "iOS Bundled 1300ms index.js (10 modules)",
        ios("99.9% (10/10)"),
        android(" 0.0% (0/1)"),
      ),
    );
    const kinds = signals.map(({ kind }) => kind);
    assert.deepEqual(kinds, ["compiling", "compiled", "compiling", "compiled", "compiling"]);
  });

  it("are a crash of nodemon, with the error that was printed before", () => {
    const signals = signalsOf(
      lines(
        "Error: no database",
        "    at connect (/srv/app/db.js:4:9)",
        "[nodemon] app crashed - waiting for file changes before starting...",
      ),
    );
    assert.deepEqual(
      signals.map(({ kind }) => kind),
      ["error", "failed"],
    );
  });

  it("are a stack that no error stands above", () => {
    const [stack] = signalsOf(
      lines("something odd", "    at f (webpack-internal:///(rsc)/./app/page.js:3:9)"),
    );
    assert.deepEqual(stack?.kind === "stack" && stack.frames, [
      { name: "f", file: "app/page.js", line: 3, column: 9 },
    ]);
  });

  it("keep the errors of a page while others are served, until it is served itself", () => {
    const at = (time: number, ...texts: string[]) => ({
      name: String(time),
      lines: texts.map((text, index) => ({ seq: time + index, time, text })),
    });
    const steps = [
      at(
        1_000,
        "⨯ TypeError: no",
        "    at Page (app/page.js:3:9)",
        " GET /favicon.ico 404 in 5ms",
        " GET / 500 in 20ms",
      ),
      at(2_000, " GET /about 200 in 5ms", " GET /favicon.ico 404 in 5ms"),
      at(3_000, " GET / 200 in 5ms"),
    ];
    assert.deepEqual(
      buildsOf(steps).map(({ build }) => build.split(" ")[0]),
      ["failed", "failed", "clean"],
    );
  });

  it("are no failed build where a server's own log looks like Astro's", () => {
    const step = {
      name: "",
      lines: lines("✓ Ready in 3ms", "12:00:00 [ERROR] Error: no database", "next line"),
    };
    assert.deepEqual(buildsOf([step]), [{ step: "", build: "clean" }]);
  });

  it("are nothing where they only look like it", () => {
    const harmless = [
      "0 errors",
      "errors: none",
      "GET /error",
      "An Error: no",
      "at noon",
      "http://example.org/docs",
      "[200]",
    ];
    assert.deepEqual(signalsOf(lines(...harmless)), []);
  });
});

function errorsOf(name: string) {
  const signals = signalsOf(recording(name).flatMap(({ lines }) => lines));
  return signals.filter((signal) => signal.kind === "error");
}
