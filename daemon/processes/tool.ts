import { DevlatchError } from "../../shared/base/errors.ts";

let loading: Promise<typeof import("execa")> | undefined;

/** Linux answers without tools: session hosts there never load what starts them. */
function load(): Promise<typeof import("execa")> {
  loading ??= import("execa");
  return loading;
}

// Elsewhere at once: after an upgrade a host that still runs may not find the file any more.
// What is wrong with it is said by the code that uses it.
if (process.platform !== "linux") load().catch(() => {});

/** Deadline of one call of a system tool, in milliseconds. */
const toolTimeoutMs = 10_000;

/**
 * What a system tool prints. Language and time zone are fixed, for its output is parsed.
 * @param allowed exit codes that are answers too: lsof and ps end with 1 when nothing matches
 * @throws DevlatchError `INTERNAL` when the tool is missing, hangs or fails: no answer isn't "no processes"
 */
export async function runTool(
  file: string,
  args: readonly string[],
  allowed: readonly number[] = [0],
): Promise<string> {
  const { execa } = await load();
  const { stdout, exitCode, shortMessage } = await execa(file, args, {
    reject: false,
    timeout: toolTimeoutMs,
    stdin: "ignore",
    maxBuffer: 64 * 1024 * 1024,
    env: { LC_ALL: "C", TZ: "UTC" },
  });
  if (exitCode !== undefined && allowed.includes(exitCode)) return stdout;
  throw new DevlatchError(
    "INTERNAL",
    `Processes could not be looked at: ${shortMessage ?? `${file} ended with code ${exitCode}`}`,
    `Check that ${file} is installed and on the PATH, then try again.`,
  );
}
