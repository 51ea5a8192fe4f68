import { realpathSync } from "node:fs";
import type { Connection } from "../../../shared/client/connection.ts";
import { operations } from "../../../shared/operations/operations.ts";
import type { Context } from "../context.ts";
import { onlyApp } from "../verbs/only-app.ts";

/** What a caller named. */
interface Named {
  readonly app?: string | undefined;
  readonly command?: readonly string[] | undefined;
}

/**
 * The app that `devlatch dev` is of: the one that was named; of a command the one of the package whose script it stands in,
 * which is the directory it is called in; without both the only one there is.
 * @throws DevlatchError `AMBIGUOUS_APP`; what the daemon says
 */
export async function meantApp(
  { app, command }: Named,
  context: Context,
  connection: Connection,
): Promise<string> {
  if (app !== undefined) return app;
  if (command === undefined) return onlyApp("dev", context);
  const { directory, command: detect } = operations.detect.requests;
  const [here, found] = await Promise.all([
    context.ask(directory, {}, connection),
    context.ask(detect, { command: [...command] }, connection),
  ]);
  const kind = found.app ?? "web";
  const cwd = realpathSync(context.cwd);
  const own = here.apps.filter((one) => one.cwd === cwd);
  return (own.find((one) => one.app === kind) ?? own[0])?.app ?? kind;
}
