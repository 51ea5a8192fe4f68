import { agentVariables } from "../../shared/model/agents.ts";

/** Names the test file a process descends from; the runner finds what a file left running by it. */
export const fileCookie = "DEVLATCH_TEST_FILE";

/** Variables of the test run that must not change how a program under test behaves. */
const foreign =
  /^(DEVLATCH_(?!TEST_)|NODE_TEST_|npm_|VSCODE_|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_COMPILE_CACHE$|PORT$|CI$|FORCE_COLOR$|NO_COLOR$|INIT_CWD$)/;

/** An agent may be who runs the tests. */
const isForeign = (name: string) => foreign.test(name) || agentVariables.includes(name);

/** The environment a user's terminal would have: this process', less what the test run added to it. */
export function userEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !isForeign(name));
  return { ...Object.fromEntries(own), ...extra };
}
