import { DevlatchError, toErrorShape } from "../../../shared/base/errors.ts";
import { compilePattern } from "../../../shared/base/pattern.ts";
import type { ThreadMessage } from "../../../shared/model/thread.ts";
import { logsRequest } from "../../../shared/operations/history-requests.ts";
import type { OperationInput } from "../../../shared/operations/operations.ts";
import type { Context } from "../context.ts";
import type { Paint } from "../output/style.ts";
import { followOutput, messageText } from "./follow-output.ts";
import type { Report } from "./verb.ts";

type Flags = Omit<OperationInput<"logs">, "app">;

/** Told apart in the order in which the apps are named. */
const colours = ["cyan", "magenta", "yellow", "blue", "green"] as const;

/** Where a message stands in one app's output says nothing of another's. @throws DevlatchError `INVALID_INPUT` */
export function refuseCursors({ cursor, before }: Flags): void {
  if (cursor === undefined && before === undefined) return;
  throw new DevlatchError(
    "INVALID_INPUT",
    "--cursor and --before are places in one app's output, and several apps are meant.",
    "Name one app with them, or use --since.",
  );
}

/**
 * What several apps wrote, in the order of time, each line with its app's name before it. Of each the page that it alone
 * would show.
 * @throws DevlatchError `INVALID_INPUT`; the signal's reason
 */
export async function logsTogether(
  flags: Flags,
  apps: readonly string[],
  context: Context,
): Promise<Report | undefined> {
  if (flags.grep !== undefined) await compilePattern(flags.grep, "--grep");
  const label = labels(apps, context.output.paint);
  return flags.follow ? followTogether(flags, apps, label, context) : pages(flags, apps, label, context);
}

async function pages(
  flags: Flags,
  apps: readonly string[],
  label: (app: string) => string,
  context: Context,
): Promise<Report> {
  const { output } = context;
  const connection = await context.ensure();
  const read = async (app: string) => {
    try {
      return { app, page: await context.ask(logsRequest, { ...flags, app }, connection) };
    } catch (error) {
      context.signal.throwIfAborted();
      return { app, error: toErrorShape(error) };
    }
  };
  const found = await Promise.all(apps.map(read));
  const failed = found.flatMap((one) => (one.error ? [one.error] : []));
  for (const error of failed) await output.failure(error);
  const lines = found
    .flatMap(({ app, page }) => (page?.messages ?? []).map((message) => ({ app, message })))
    .sort((a, b) => a.message.time - b.message.time)
    .map(({ app, message }) => `${label(app)}${messageText(message, output.paint)}`);
  return {
    data: found.map(({ app, page, error }) => ({ app, ...(error ? { error } : page) })),
    text: lines.length > 0 ? lines.join("\n") : "No output",
    exitCode: failed.length > 0 ? 1 : 0,
  };
}

async function followTogether(
  flags: Flags,
  apps: readonly string[],
  label: (app: string) => string,
  context: Context,
): Promise<Report | undefined> {
  const { output } = context;
  const print = (app: string) => (message: ThreadMessage) =>
    output.line(
      output.json
        ? JSON.stringify({ app, ...message })
        : `${label(app)}${messageText(message, output.paint)}`,
    );
  let failed = 0;
  const followOne = (app: string) =>
    followOutput({ ...flags, app }, context, print(app)).catch(async (error: unknown) => {
      context.signal.throwIfAborted();
      failed++;
      await output.failure(toErrorShape(error));
    });
  await Promise.all(apps.map(followOne));
  return failed > 0 ? { data: [], text: "", exitCode: 1 } : undefined;
}

/** `web │ `, all of one width. */
function labels(apps: readonly string[], paint: Paint): (app: string) => string {
  const width = Math.max(...apps.map(({ length }) => length));
  return (app) => paint(colours[apps.indexOf(app) % colours.length] ?? "cyan", `${app.padEnd(width)} │ `);
}
