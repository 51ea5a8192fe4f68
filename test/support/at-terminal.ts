import { spawn } from "node:child_process";
import { once } from "node:events";
import { commandLine } from "./cli.ts";
import type { TestHome } from "./home.ts";
import { patienceMs } from "./wait.ts";

/**
 * Runs the command line in a terminal of its own (util-linux's script(1)) and types an answer each time it has asked.
 * @returns exit code and everything the terminal showed
 */
export async function atTerminal(
  args: string,
  home: TestHome,
  options: { answer?: string | readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number | null; shown: string }> {
  // A CI's variable would make the spinner plain lines.
  const { CI: _ci, ...env } = home.env({ TERM: "xterm", ...options.env });
  const command = `'${process.execPath}' '${commandLine}' ${args}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], { env, stdio: ["pipe", "pipe", "inherit"] });
  let shown = "";
  const answers = [options.answer ?? []].flat();
  let typed = 0;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    shown += chunk;
    const asked = shown.split("[y/N]").length - 1;
    for (; typed < asked; typed++) child.stdin.write(answers[typed] ?? "");
  });
  const [code] = (await once(child, "close", { signal: AbortSignal.timeout(patienceMs) })) as [number | null];
  return { code, shown };
}
