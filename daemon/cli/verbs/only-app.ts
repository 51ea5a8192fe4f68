import { DevlatchError } from "../../../shared/base/errors.ts";
import { meantApps as ask, unnamedApps } from "../../../shared/operations/apps.ts";
import type { MeantApp } from "../../../shared/protocol/apps.ts";
import type { Context } from "../context.ts";

/** As many are named in one answer as a person reads. */
const mostNamed = 6;

/**
 * The apps that are meant by these names; without any, all that belong together. What others depend on comes first.
 * @param of what is to run, or what runs
 * @param dependents whether what runs and depends on them is meant, too
 * @throws DevlatchError what the daemon says
 */
export async function meantApps(
  names: readonly string[],
  of: "start" | "running",
  context: Context,
  dependents = false,
): Promise<readonly MeantApp[]> {
  return (await context.ask(ask, { names, of, dependents })).apps;
}

/**
 * The app that is meant where one is wanted and none is named: the only one that runs here, else the only one that can be
 * started here. Of none at all it is `web`, and what is missing is said of that.
 * @param verb the word it was asked with, for the answer
 * @throws DevlatchError `AMBIGUOUS_APP` where there are several, with the commands that name one; what the daemon says
 */
export async function onlyApp(verb: string, context: Context): Promise<string> {
  const apps = await unnamedApps((of) => meantApps([], of, context));
  const [first, ...others] = apps;
  if (others.length > 0 || first === undefined) throw severalApps(verb, apps);
  return first;
}

function severalApps(verb: string, apps: readonly string[]): DevlatchError {
  const commands = apps.slice(0, mostNamed).map((app) => `devlatch ${verb} ${app}`);
  const more = apps.length > mostNamed ? ", …" : "";
  return new DevlatchError(
    "AMBIGUOUS_APP",
    `Which app do you mean? Here there are ${apps.join(", ")}.`,
    `Name one: ${commands.join(", ")}${more}.`,
    { data: { candidates: [...apps] } },
  );
}
