import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildsOf, changesOf, lines, recording, signalsOf } from "./samples.ts";

/** By recording: what the build looks like after each step that changes it. */
const expected: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "angular-22.2.7": [
    ["", "clean"],
    [
      "syntax error",
      'failed / src/app/app.ts:89:12 Unexpected "=" / /srv/app/src/app/app.ts:14:11 TS1109: Expression expected. [plugin angular-compiler]',
    ],
    ["fix", "clean"],
    [
      "type error",
      "failed / /srv/app/src/app/app.ts:14:7 TS2322: Type 'string' is not assignable to type 'number'. [plugin angular-compiler]",
    ],
    ["fix", "clean"],
    [
      "template error",
      "failed / /srv/app/src/app/app.html:346:7 TS2339: Property 'nothing' does not exist on type 'App'. [plugin angular-compiler]",
    ],
    ["fix", "clean"],
    [
      "missing module",
      "failed / src/app/app.ts:1:8 Could not resolve \"./gone\" / /srv/app/src/app/app.ts:1:8 TS2882: Cannot find module or type declarations for side-effect import of './gone'. [plugin angular-compiler]",
    ],
    ["fix", "clean"],
  ],
  "django-5.2.17": [
    ["", "clean"],
    ["syntax error", "failed / /srv/app/urls.py:3 SyntaxError: invalid syntax. Perhaps you forgot a comma?"],
    ["fix", "clean"],
    ["get", "failed / /srv/app/urls.py:3 NameError: name 'nothing' is not defined"],
    ["fix", "clean"],
  ],
  "docusaurus-3.10.2": [
    ["", "clean"],
    [
      "syntax error",
      "failed / /srv/app/src/pages/index.js:31:30 Unexpected token `:`. Expected yield, an identifier, [ or {",
    ],
    ["fix", "clean"],
    ["missing module", "failed / ? Module not found: Can't resolve './gone' in '/srv/app/src/pages'"],
    ["fix", "clean"],
    ["markdown error", "failed / /srv/app/docs/intro.mdx:49:1 Expected a closing tag for `<Broken>`"],
  ],
  "eleventy-3.1.8": [
    ["", "clean"],
    ["syntax error", "failed / page.njk:1:11 expected symbol, got variable-end"],
    ["fix", "clean"],
    ["missing", "failed / page.njk template not found: gone.njk"],
    ["fix", "clean"],
  ],
  "flask-3.1.3": [
    ["", "clean"],
    [
      "syntax error",
      "failed / /srv/app/app.py:5 SyntaxError: unterminated string literal (detected at line 5)",
    ],
    ["fix", "clean"],
  ],
  "vite-8.4.0-vue-3": [
    ["", "clean"],
    ["syntax error", "failed / /srv/app/src/App.vue:14:17 [vue/compiler-sfc] Unexpected token"],
  ],
  "nuxt-4.5.2": [
    ["", "clean"],
    ["get", "failed / app.vue Unexpected token (2:10)"],
    ["get", "clean"],
    ["get", "failed / app.vue Element is missing end tag."],
    ["get", "failed / app/app.vue:3:31 Cannot find module './gone' imported from './app/app.vue'"],
    ["get", "clean"],
    [
      "config error",
      "failed / /srv/app/nuxt.config.ts:1:39 Cannot restart nuxt: ParseError: Unexpected token",
    ],
  ],
  "react-router-7.18.4": [
    ["", "unknown"],
    ["syntax error", "clean"],
    ["get", 'failed / /srv/app/app/routes/home.jsx:8:1 Unexpected end of file before a closing "p" tag'],
    ["fix", "clean"],
    [
      "get",
      "failed / /srv/app/app/routes/home.jsx Cannot find module '~/gone' imported from '/srv/app/app/routes/home.jsx'",
    ],
    ["throw", "clean"],
  ],
  "rsbuild-2.3.2": [
    ["", "clean"],
    ["syntax error", "failed / src/index.js:1:31 Syntax Error: Expected ',', got ';'"],
    ["fix", "clean"],
    [
      "missing module",
      "failed / src/index.js:1:1 Module not found: Can't resolve './gone.js' in '/srv/app/src'",
    ],
    ["fix", "clean"],
  ],
  "uvicorn-0.54.0": [
    ["", "clean"],
    ["syntax error", "failed / /srv/app/main.py:5 SyntaxError: '{' was never closed"],
    ["fix", "clean"],
    ["get", "failed / /srv/app/main.py:5 NameError: name 'nothing' is not defined"],
    ["fix", "clean"],
  ],
  "wrangler-4.164.0": [
    ["", "clean"],
    ["syntax error", 'failed / src/index.ts:1:57 Expected ")" but found "}"'],
    ["fix", "clean"],
    ["missing module", 'failed / src/index.ts:1:8 Could not resolve "./gone"'],
    ["fix", "clean"],
  ],
};

describe("a recorded build", () => {
  for (const [name, steps] of Object.entries(expected)) {
    it(`of ${name} is broken and mended as its project was`, () => {
      assert.deepEqual(changesOf(recording(name)), steps);
    });
  }
});

describe("lines as these tools write them", () => {
  const at = (name: string, time: number, ...texts: string[]) => ({
    name,
    lines: texts.map((text, index) => ({ seq: time + index, time, text })),
  });

  it("are a crash where Node says its last word, until a compiler that watches has it started again", () => {
    const crash = ["Error: boom", "    at bootstrap (/srv/app/src/main.ts:5:9)", "", "Node.js v24.21.0"];
    const steps = [
      at("start", 1_000, "Found 0 errors. Watching for file changes.", ...crash),
      at("fix", 9_000, "File change detected. Starting incremental compilation..."),
      at("mended", 10_000, "Found 0 errors. Watching for file changes.", "Listening"),
    ];
    assert.deepEqual(
      buildsOf(steps).map(({ build }) => build),
      [
        "failed / /srv/app/src/main.ts:5:9 Error: boom",
        "compiling / /srv/app/src/main.ts:5:9 Error: boom",
        "clean",
      ],
    );
  });

  it("name the first error where a tool first only says that there are some", () => {
    const step = at(
      "",
      1,
      "Application bundle generation failed. [1.4 seconds]",
      "✘ [ERROR] TS1: no",
      "",
      "    a.ts:1:6:",
    );
    assert.equal(buildsOf([step])[0]?.build, "failed / a.ts:1:7 TS1: no");
    const bare = at("", 1, "client (Rspack 1.7.12) compiled with 2 errors");
    assert.equal(buildsOf([bare])[0]?.build, "failed / ? client (Rspack 1.7.12) compiled with 2 errors");
  });

  it("are errors of Rspack's own command line", () => {
    const step = at(
      ...["", 1, "ERROR in ./src/index.js", "  × Module build failed (from builtin:swc-loader):"],
      ...["  ╰─▶   × Syntax Error: Expected ';'", "         ╭────", "       3 │ const a = = 1;"],
      ...["         ·           ─", "         ╰────", "Rspack compiled with 1 error"],
    );
    assert.equal(buildsOf([step])[0]?.build, "failed / src/index.js:3:11 Syntax Error: Expected ';'");
  });

  it("are those of Vite's plugins, with the place before them", () => {
    const [error] = signalsOf(
      lines(
        "9:41:03 AM [vite] Internal server error: /srv/app/src/App.svelte:91:0 Block was left open",
        "next",
      ),
    );
    assert.deepEqual(error?.kind === "error" && [error.message, error.place], [
      "Block was left open",
      { file: "/srv/app/src/App.svelte", line: 91, column: 1 },
    ]);
  });

  it("are those of Vue's compiler, in a component by the row of its frame, in a page of VitePress by its file", () => {
    const errorIn = (tag: string, file: string) => {
      const [error] = signalsOf(
        lines(
          ...[`4:40:02 PM [${tag}] Internal server error: [vue/compiler-sfc] Unexpected token (2:16)`, ""],
          ...[
            file,
            "4  |  <script setup>",
            "5  |  const broken = (;",
            "   |                  ^",
            "6  |  </script>",
          ],
          ...["  Plugin: vite:vue", `  File: ${file}:2:16`, "next"],
        ),
      );
      return error?.kind === "error" && [error.message, error.place];
    };
    const message = "[vue/compiler-sfc] Unexpected token";
    const exact = { file: "/srv/app/src/App.vue", line: 5, column: 17 };
    assert.deepEqual(errorIn("vite", exact.file), [message, exact]);
    assert.deepEqual(errorIn("vitepress", "/srv/docs/a.md"), [
      `${message} (2:16)`,
      { file: "/srv/docs/a.md" },
    ]);
  });

  it("are those that a server prints which has Vite compile its modules", () => {
    const [error] = signalsOf(
      lines(
        ...["Error: Transform failed with 1 error:", "", "[PARSE_ERROR] Expected `,` or `)` but found `;`"],
        ...["   ╭─[ app/routes/home.jsx:2:31 ]", "   │", " 2 │   return ({ message: 1 };", "───╯", ""],
        ...[
          "    at transform (file:///srv/app/node_modules/vite/dist/node/chunks/node.js:7673:19) {",
          "  errors: [",
        ],
      ),
    );
    assert.deepEqual(error?.kind === "error" && [error.message, error.phase, error.place], [
      "[PARSE_ERROR] Expected `,` or `)` but found `;`",
      "log",
      { file: "app/routes/home.jsx", line: 2, column: 31 },
    ]);
  });

  it("are one where Vite tells it without its file first", () => {
    const said = "Element is missing end tag.";
    const file = "/srv/app/src/B.vue";
    const step = at(
      ...[
        "",
        1,
        `5:13:48 PM [vite] Pre-transform error: ${said}`,
        `5:13:48 PM [vite] Internal server error: ${said}`,
      ],
      ...["  Plugin: vite:vue", `  File: ${file}:1:11`, "  1  |  <template><p></template>"],
    );
    assert.equal(buildsOf([step])[0]?.build, `failed / ${file}:1:11 ${said}`);
  });

  it("are React Router's of its routes, until they are saved again", () => {
    const message = 'Route config in "routes.js" is invalid.';
    const steps = [
      at("ready", 1, "  VITE v8.3.8  ready in 400 ms"),
      at("broken", 9_000, `5:14:04 PM [react-router] ${message}`, "", "routes.js:3:7", '1  |  import "x";'),
      at("mended", 20_000, "5:14:20 PM [react-router]  Route config saved."),
    ];
    assert.deepEqual(
      buildsOf(steps).map(({ build }) => build),
      ["clean", `failed / ? ${message}`, "clean"],
    );
  });

  it("are those of a configuration until that is read again, whatever goes on by the one before", () => {
    const steps = (...given: readonly (readonly string[])[]) =>
      buildsOf(given.map((said, index) => at("", 1 + index * 9_000, ...said))).map(({ build }) => build);
    const place = ["[PARSE_ERROR] Unexpected token", "   ╭─[ vite.config.js:1:30 ]"];
    const vite = steps(
      [
        "5:13:48 PM [vite] vite.config.js changed, restarting server...",
        "5:13:48 PM [vite] Internal server error: Build failed with 1 error:",
        ...place,
        "5:13:48 PM [vite] server restart failed",
      ],
      ["5:14:48 PM [vite] (client) hmr update /src/a.js"],
      [
        "5:15:48 PM [vite] vite.config.js changed, restarting server...",
        "5:15:48 PM [vite] server restarted.",
      ],
    );
    const broken = "failed / vite.config.js:1:30 [PARSE_ERROR] Unexpected token";
    assert.deepEqual(vite, [broken, broken, "clean"]);
    const astro = steps(
      [" astro  v7.3.5 ready in 94 ms"],
      [
        "02:22:38 [ERROR] [config] Failed to parse source",
        "02:22:38 [ERROR] Continuing with previous valid configuration",
        "02:22:38 [200] / 1ms",
      ],
      ["02:22:39 Configuration file updated. Restarting...", "02:22:39 [vite] server restarted."],
    );
    assert.deepEqual(astro, ["clean", "failed / ? [config] Failed to parse source", "clean"]);
  });

  for (const [what, said, found] of [
    [
      "Parcel's, below what it says of the build",
      [
        ...[
          "⠋ Building c.js...",
          "🚨 Build failed.",
          "",
          "@parcel/core: Failed to resolve './nope' from './src/c.js'",
        ],
        ...["", "  /srv/app/src/c.js:1:8", '  > 1 | import "./nope";', "    |        ^^^^^^", ""],
        "@parcel/resolver-default: Cannot load file './nope' in './src'.",
      ],
      "failed / /srv/app/src/c.js:1:8 Failed to resolve './nope' from './src/c.js'",
    ],
    [
      "Eleventy's of its configuration, which nothing follows",
      [
        ...["[11ty] File changed: ./eleventy.config.js", "[11ty] Eleventy watch error:"],
        "[11ty] 1. Error in your Eleventy config file 'eleventy.config.js'. (via EleventyConfigError)",
        "[11ty] 2. Unexpected end of input (via SyntaxError)",
        "[11ty] ",
        "[11ty] Original error stack trace: /srv/app/eleventy.config.js:2",
      ],
      "failed / /srv/app/eleventy.config.js:2 Unexpected end of input",
    ],
    [
      "Eleventy's of a file that another one includes, and of front matter",
      [
        "[11ty] Problem writing Eleventy templates:",
        "[11ty] 1. Having trouble rendering njk template ./index.njk (via TemplateContentRenderError)",
        ...["[11ty] 2. (./index.njk)", "[11ty]  (/srv/app/_includes/p.njk) [Line 1, Column 4]"],
        "[11ty]   unknown block tag: nope (via Template render error)",
        "[11ty] Problem writing Eleventy templates:",
        "[11ty] 1. Having trouble reading front matter from template ./a.njk (via TemplateContentFrontMatterError)",
        "[11ty] 2. unexpected end of the stream within a flow collection (3:1)",
        ...["[11ty]  2 | title: [a", "[11ty]  3 | ", "[11ty] -----^ (via YAMLException)"],
      ],
      "failed / /srv/app/_includes/p.njk:1:4 unknown block tag: nope / a.njk unexpected end of the stream within a flow collection (3:1)",
    ],
    [
      "a type checker's in Vite's terminal",
      [
        " ERROR(TypeScript)  Type 'string' is not assignable to type 'number'.",
        " FILE  /srv/app/src/b.ts:1:14",
        "",
        '  > 1 | export const b: number = "x";',
        "[TypeScript] Found 1 error. Watching for file changes.",
      ],
      "failed / /srv/app/src/b.ts:1:14 Type 'string' is not assignable to type 'number'.",
    ],
    [
      "a compiler's of a file that isn't there",
      ["error TS6053: File '/srv/c.ts' not found.", "1:42:21 AM - Found 1 error. Watching for file changes."],
      "failed / ? TS6053: File '/srv/c.ts' not found.",
    ],
    [
      "vite-node's of the file that it runs",
      [
        "[vite-node] Failed to execute file: ",
        " Error: Cannot find module '/src/c.ts' imported from '/srv/a.ts'",
      ],
      "failed / ? Cannot find module '/src/c.ts' imported from '/srv/a.ts'",
    ],
    [
      "PostCSS' in webpack",
      [
        "ERROR in ./src/a.css (./node_modules/css-loader/dist/cjs.js!./src/a.css)",
        "Module build failed (from ./node_modules/css-loader/dist/cjs.js):",
        ...[
          "SyntaxError",
          "",
          "(1:1) /srv/app/src/a.css Unclosed block",
          "",
          "> 1 | h1{color:red",
          "    | ^",
        ],
        "webpack 5.113.0 compiled with 1 error in 27 ms",
      ],
      "failed / /srv/app/src/a.css:1:1 Unclosed block",
    ],
    [
      "Next's of a proxy that it can't parse",
      ["⨯ Error: Could not parse module '[project]/proxy.js'", "", "Expected '}', got '<eof>'"],
      "failed / proxy.js Expected '}', got '<eof>'",
    ],
    [
      "React Router's of its configuration",
      [
        "1:47:36 AM [react-router] Error loading /srv/react-router.config.ts: Error: Transform failed with 1 error:",
        ...["", "[PARSE_ERROR] Unexpected token", "   ╭─[ react-router.config.ts:1:17 ]"],
      ],
      "failed / react-router.config.ts:1:17 [PARSE_ERROR] Unexpected token",
    ],
    [
      "Nuxt's of a template, and of what its cause says",
      [
        " ERROR  /pages/index.vue — Element is missing end tag.                    1:47:06 AM",
        " ERROR  [request error] [unhandled] [GET] http://localhost:3002/          1:47:01 AM",
        ...["ℹ Error: /c.ts — Transform failed with 1 error:", "[CAUSE]", "Error {"],
        "  hint: '\\x1B[31m[PARSE_ERROR] \\x1B[0mUnexpected token\\n' +",
        "  app/c.ts:1:16 \\x1B[38;5;246m]\\x1B[0m\\n' +",
      ],
      "failed / pages/index.vue Element is missing end tag. / app/c.ts:1:16 [PARSE_ERROR] Unexpected token",
    ],
  ] as const)
    it(`are ${what}`, () => assert.equal(buildsOf([at("", 1, ...said)])[0]?.build, found));

  it("are over where ts-node-dev starts the program again", () => {
    const steps = [
      at(
        "broken",
        1,
        "[ERROR] 01:51:24 ⨯ Unable to compile TypeScript:",
        "src/c.ts(1,14): error TS2322: no.",
      ),
      at("mended", 9_000, "[INFO] 01:51:28 Restarting: /srv/app/src/c.ts has been modified"),
    ];
    const [broken, mended] = buildsOf(steps).map(({ build }) => build);
    assert.deepEqual([broken, mended], ["failed / src/c.ts:1:14 TS2322: no.", "clean"]);
  });

  it("are those of ts-node until nodemon starts the program again, but a watching compiler's until that compiles", () => {
    const error = "src/c.ts(1,14): error TS2322: no.";
    const again = "[nodemon] starting `ts-node src/server.ts`";
    const states = (...steps: readonly (readonly string[])[]) =>
      buildsOf(steps.map((said, index) => at("", 1 + index * 9_000, ...said))).map(({ build }) => build);
    const crashed = "[nodemon] app crashed - waiting for file changes before starting...";
    assert.equal(states(["TSError: ⨯ Unable to compile TypeScript:", error, crashed], [again])[1], "clean");
    const watched = [error, "12:41:39 PM - Found 1 error. Watching for file changes."];
    assert.equal(states(watched, [again])[1], "failed / src/c.ts:1:14 TS2322: no.");
  });

  it("are Ruby's, with the place before them", () => {
    const errors = signalsOf(
      lines(
        "app.rb:4:in 'block in <main>': undefined local variable or method 'nothing' (NameError)",
        "config.ru:1: syntax error, unexpected end-of-input",
      ),
    );
    assert.deepEqual(
      errors.map((signal) => signal.kind === "error" && [signal.place, signal.phase]),
      [
        [{ file: "app.rb", line: 4 }, "log"],
        [{ file: "config.ru", line: 1 }, "log"],
      ],
    );
  });

  it("are a traceback of Python that no word stands above", () => {
    const [error] = signalsOf(
      lines('  File "app.py", line 2', "    return = 1", "SyntaxError: invalid syntax", "next"),
    );
    assert.deepEqual(error?.kind === "error" && [error.message, error.phase, error.place], [
      "SyntaxError: invalid syntax",
      "build",
      { file: "app.py", line: 2 },
    ]);
  });

  it("are nothing where they only look like it", () => {
    const harmless = [
      "× 3 tests failed",
      "File changed too often",
      "Building...",
      "Node.js v24.21.0 is used",
      "a.rb:3: comment",
      "● Client is ready (100%)",
      '"GET is a method"',
    ];
    assert.deepEqual(signalsOf(lines(...harmless)), []);
  });
});
