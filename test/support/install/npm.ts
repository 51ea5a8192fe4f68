import { dirname, join } from "node:path";
import { runProgram } from "../child.ts";
import { repository } from "../paths.ts";
import { MissingPrerequisite } from "./report.ts";

/**
 * Runs npm in a directory, on the Node that runs this.
 * @param timeoutMs in milliseconds
 * @throws MissingPrerequisite with the end of npm's output
 */
export async function npm(
  args: readonly string[],
  options: { cwd: string; timeoutMs: number; env?: NodeJS.ProcessEnv },
): Promise<void> {
  const path = [dirname(process.execPath), join(repository, "node_modules/.bin"), process.env["PATH"]].join(
    ":",
  );
  const env = {
    ...withoutOuterNpm(process.env),
    PATH: path,
    NODE_TEST_CONTEXT: undefined,
    NODE_OPTIONS: undefined,
    ...options.env,
  };
  const quiet = ["--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  const result = await runProgram("npm", [...args, ...quiet], { ...options, env });
  if (result.code === 0) return;
  throw new MissingPrerequisite(
    `npm ${args.join(" ")} failed with exit code ${result.code}. Is the npm registry reachable?\n` +
      `${result.stdout}${result.stderr}`.trimEnd().split("\n").slice(-30).join("\n"),
  );
}

/**
 * What an npm around us (`npm test`) tells its scripts about itself, above all the Node it runs on: install scripts of
 * packages believe it. Settings in the environment, such as a proxy, stay.
 */
function withoutOuterNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const outer =
    /^npm_(package_|lifecycle_|command$|execpath$|node_execpath$|config_(user_agent|(local_|global_)?prefix)$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !outer.test(name)));
}
