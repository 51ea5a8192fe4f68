import assert from "node:assert/strict";
import { it } from "node:test";
import { sharedEnvironment } from "../../../daemon/sessions/shared-environment.ts";

const readable = { TURBO_UI: "false", NX_TUI: "false", ASTRO_DEV_BACKGROUND: "1" };

it("a shared server isn't told that its first caller is a build or an agent", () => {
  const caller = {
    ...{ CI: "1", GITHUB_ACTIONS: "true", CONTINUOUS_INTEGRATION: "true" },
    ...{
      CLAUDECODE: "1",
      CODEX_THREAD_ID: "t",
      CURSOR_AGENT: "1",
      AI_AGENT: "x",
      GEMINI_CLI: "1",
      AGENT: "amp",
    },
    ...{ TERM_PROGRAM: "vscode", GIT_PAGER: "cat" },
  };
  assert.deepEqual(sharedEnvironment({ ...caller, PATH: "/bin" }), {
    PATH: "/bin",
    GIT_PAGER: "cat",
    ...readable,
  });
});

it("it keeps what an app may be configured with, and has output that can be read", () => {
  const configured = {
    VERCEL_ENV: "development",
    CLAUDE_CODE_OAUTH_TOKEN: "t",
    ANTHROPIC_API_KEY: "k",
    CITY: "Bern",
  };
  assert.deepEqual(sharedEnvironment({ ...configured, TURBO_UI: "true" }), { ...configured, ...readable });
});

it("it isn't told that a test's runner calls, and keeps a person's own choice of mode", () => {
  const mode = { NODE_ENV: "test", BABEL_ENV: "test", TEST: "true" };
  assert.deepEqual(
    sharedEnvironment({ ...mode, VITEST: "true", VITEST_WORKER_ID: "1", MODE: "test" }),
    readable,
  );
  assert.deepEqual(sharedEnvironment({ ...mode, JEST_WORKER_ID: "1" }), readable);
  assert.deepEqual(sharedEnvironment({ PLAYWRIGHT_TEST: "1", NODE_ENV: "development" }), {
    NODE_ENV: "development",
    ...readable,
  });
  assert.deepEqual(sharedEnvironment(mode), { ...mode, ...readable });
});

it("a build that only counts itself is one, too", () => {
  assert.deepEqual(
    sharedEnvironment({ BUILD_NUMBER: "3", BUILD_ID: "x", RUN_ID: "9", EAS_BUILD: "true" }),
    readable,
  );
});
