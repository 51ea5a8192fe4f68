import { DevlatchError } from "../../../shared/base/errors.ts";
import { isActive } from "../../../shared/model/session.ts";
import { operations } from "../../../shared/operations/operations.ts";
import type { Context } from "../context.ts";

/** As many are named in one answer as a person reads. */
const mostNamed = 6;

/**
 * The app that is meant where none is named: the only one that runs here, else the only one that can be started here. Of
 * none at all it is `web`, and what is missing is said of that.
 * @param verb the word it was asked with, for the answer
 * @throws DevlatchError `AMBIGUOUS_APP` where there are several, with the commands that name one; what the daemon says
 */
export async function onlyApp(verb: string, context: Context): Promise<string> {
  const connection = await context.ensure();
  const [here, { sessions }] = await Promise.all([
    context.ask(operations.detect.requests.directory, {}, connection),
    context.ask(operations.status, {}, connection),
  ]);
  const own = sessions.filter(({ sandboxId, state }) => sandboxId === here.sandboxId && isActive(state));
  const running = [...new Set(own.map(({ app }) => app))];
  const startable = [...new Set(here.apps.map(({ app }) => app))];
  // What could be started beside it is no less meant by a start.
  const meant =
    verb === "start" || verb === "dev" || running.length === 0
      ? [...new Set([...running, ...startable])]
      : running;
  const [first = "web", ...others] = meant;
  if (others.length > 0) throw severalApps(verb, meant);
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
