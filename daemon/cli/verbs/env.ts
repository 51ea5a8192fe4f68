import { DevlatchError } from "../../../shared/base/errors.ts";
import { type AppPorts, portVariable } from "../../../shared/model/sandbox.ts";
import { env as envOperation } from "../../../shared/operations/sandboxes.ts";
import { verb } from "./verb.ts";

export const env = verb(envOperation, async (input, context) => {
  const { sandboxId, ports } = await context.ask(envOperation, input);
  const variables = variablesOf(ports, input.app);
  const text = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`);
  return { data: { sandboxId, variables }, text: text.join("\n") };
});

/**
 * `PORT` and each app's own variable.
 * @param app the app that `PORT` is for; by default `web`, or the first there is
 * @throws DevlatchError `UNKNOWN_APP`
 */
export function variablesOf(ports: AppPorts, app?: string): Readonly<Record<string, string>> {
  const port = app === undefined ? (ports["web"] ?? Object.values(ports)[0]) : ports[app];
  if (app !== undefined && port === undefined) {
    throw new DevlatchError(
      "UNKNOWN_APP",
      `There is no app "${app}" here.`,
      `There is: ${Object.keys(ports).join(", ") || "none"}.`,
    );
  }
  const own = Object.entries(ports).map(([name, value]) => [portVariable(name), String(value)]);
  return { ...(port === undefined ? {} : { PORT: String(port) }), ...Object.fromEntries(own) };
}
