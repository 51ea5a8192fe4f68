import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { digest } from "../../shared/base/token.ts";
import { runProgram } from "../support/child.ts";
import { userEnv } from "../support/env.ts";
import { cachedFolder } from "../support/install/cached-folder.ts";
import type { Template } from "./templates.ts";

/** For one generator with its installation, in milliseconds. */
const createMs = 15 * 60_000;

/**
 * The template as its generator makes it, kept in the tests' cache.
 * @returns its directory, not to be changed
 * @throws Error with the end of what the generator wrote
 */
export async function prepareTemplate({ name, create }: Template): Promise<string> {
  const folder = await cachedFolder({
    name: `template-${name.replaceAll(" ", "-")}-${digest(JSON.stringify(create))}`,
    what: `the template ${name}`,
    timeoutMs: createMs,
    make: async (directory) => {
      await mkdir(directory, { recursive: true });
      for (const argv of create) await run(argv, directory);
    },
  });
  return join(folder, "app");
}

async function run([program = "", ...args]: readonly string[], cwd: string): Promise<void> {
  const env = userEnv({
    CI: "1",
    NG_CLI_ANALYTICS: "false",
    NEXT_TELEMETRY_DISABLED: "1",
    ASTRO_TELEMETRY_DISABLED: "1",
  });
  const { code, stdout, stderr } = await runProgram(program, args, { cwd, env, timeoutMs: createMs });
  if (code === 0) return;
  const end = `${stdout}${stderr}`.trimEnd().split("\n").slice(-15).join("\n");
  throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${end}`);
}
