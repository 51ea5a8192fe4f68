import { agentVariables } from "../../shared/model/agents.ts";

const names = (text: string): readonly string[] => text.trim().split(/\s+/);

/** By what programs know that they run in a build, as `ci-info`, `is-ci` and `std-env` read it. */
const buildMarks = names(`
  CI CONTINUOUS_INTEGRATION CI_NAME CI_APP_ID CI_BUILD_ID CI_BUILD_NUMBER BUILD_ID BUILD_NUMBER RUN_ID
  AC_APPCIRCLE APPVEYOR BITBUCKET_COMMIT BITRISE_IO BUDDY_WORKSPACE_ID BUILDKITE CF_BUILD_ID CF_PAGES CIRCLECI CIRRUS_CI
  CODEBUILD_BUILD_ARN DRONE DSARI EAS_BUILD GITEA_ACTIONS GITHUB_ACTIONS GITLAB_CI GO_PIPELINE_LABEL HUDSON_URL JENKINS_URL
  MAGNUM NEVERCODE PROW_JOB_ID SAILCI SCREWDRIVER SEMAPHORE SHIPPABLE STRIDER SYSTEM_TEAMFOUNDATIONCOLLECTIONURI
  TEAMCITY_VERSION TDDIUM TF_BUILD TRAVIS VELA WORKERS_CI XCS bamboo_planKey
`);

/** By what they know that a test's runner calls them. */
const testMarks = names(`
  JEST_WORKER_ID NODE_TEST_CONTEXT PLAYWRIGHT_TEST TEST_PARALLEL_INDEX TEST_WORKER_INDEX
  VITEST VITEST_MODE VITEST_POOL_ID VITEST_WORKER_ID
`);

/** What such a runner sets for the tests, beside its mark. */
const testMode: ReadonlyMap<string, string> = new Map([
  ["BABEL_ENV", "test"],
  ["MODE", "test"],
  ["NODE_ENV", "test"],
  ["TEST", "true"],
]);

/**
 * By what they know, beside an agent's own marks (`agents.ts`), that an agent calls, as `@vercel/detect-agent`, `std-env`
 * and `am-i-vibing` (Astro 7) read it. What an agent is configured with, such as its key, isn't among them: an app may use
 * that, too.
 */
const agentMarks = names(`
  CURSOR_TRACE_ID CURSOR_EXTENSION_HOST_ROLE CODEIUM_EDITOR_APP_ROOT COPILOT_ALLOW_ALL COPILOT_MODEL
  ANTIGRAVITY_PROJECT_ID GOOSE_PROVIDER JUNIE_DATA
  OPENCODE_APP_INFO OPENCODE_BIN_PATH OPENCODE_CLIENT OPENCODE_MODES OPENCODE_SERVER
`);

/** Of the caller's terminal: the server has one of its own. With a pager's name they tell agents, too. */
const terminalMarks = ["TERM_PROGRAM", "TERM_PROGRAM_VERSION"];

const callersOwn = new Set([...buildMarks, ...testMarks, ...agentVariables, ...agentMarks, ...terminalMarks]);

/**
 * What keeps a server's output lines in its terminal: Turborepo and Nx would draw windows over one another there, Astro 7
 * would leave for the background where something else tells it of an agent.
 */
const readable: Readonly<Record<string, string>> = {
  TURBO_UI: "false",
  NX_TUI: "false",
  ASTRO_DEV_BACKGROUND: "1",
};

/**
 * What a server that all share has of the environment of the caller who happens to start it: not that this one is a build,
 * a test or an agent. The app's own settings are laid over it, and may say all the same that it is.
 */
export function sharedEnvironment(caller: Readonly<Record<string, string>>): Record<string, string> {
  const isTest = testMarks.some((name) => caller[name] !== undefined);
  const inherited = Object.entries(caller).filter(
    ([name, value]) => !callersOwn.has(name) && !(isTest && testMode.get(name) === value),
  );
  return { ...Object.fromEntries(inherited), ...readable };
}
