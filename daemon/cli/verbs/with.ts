import { DevlatchError } from "../../../shared/base/errors.ts";
import { portVariable, urlVariable } from "../../../shared/model/sandbox.ts";
import { operations } from "../../../shared/operations/operations.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import { exitCodeOf, runCommand } from "../foreground/command.ts";
import { leaveAll, startAll } from "../foreground/start-all.ts";
import { verb } from "./verb.ts";

export const withApps = verb(operations.with, async (input, context) => {
  const { cwd, output, interrupts } = context;
  const { apps, command: words, ...wishes } = input;
  if (words === undefined) throw noCommand(apps);
  const results = await startAll([...new Set(apps)], wishes, context);
  const env = { ...context.env, ...addresses(results) };
  // Standard output is for the one document.
  const command = { words, cwd, env, output: output.json ? "stderr" : "stdout" } as const;
  try {
    const exitCode = exitCodeOf(await runCommand(command, interrupts));
    const servers = results.map(({ app, outcome, url }) => ({ app, outcome, url }));
    return { data: { exitCode, servers }, text: "", exitCode };
  } finally {
    await leaveAll(results, context);
  }
});

/** Where the servers are, as the servers themselves are told of each other. */
function addresses(results: readonly StartResult[]): Record<string, string> {
  const found = results.flatMap(({ app, port, url }) => [
    ...(port === null ? [] : [[portVariable(app), String(port)] as const]),
    ...(url === null ? [] : [[urlVariable(app), url] as const]),
  ]);
  return Object.fromEntries(found);
}

function noCommand(apps: readonly string[]): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    "No command is given that is to run while they are up.",
    `Give it behind --, e.g.: devlatch with ${apps.join(" ")} -- npx playwright test`,
  );
}
