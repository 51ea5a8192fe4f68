import { DevlatchError } from "../../../shared/base/errors.ts";
import { placeWords } from "../../../shared/model/build-words.ts";
import type { BuildError } from "../../../shared/model/output.ts";
import { waitRequest } from "../../../shared/operations/server-requests.ts";
import type { BuildWaitResult } from "../../../shared/protocol/builds.ts";
import { type Paint, printable } from "../output/style.ts";
import { appsVerb } from "./apps-verb.ts";
import type { Report } from "./verb.ts";

/** Nothing shows whether it is well: neither done nor failed. */
const exitCodes = { clean: 0, failed: 1, unknown: 6 } as const;

/** Where a message stands in one app's output says nothing of another's. */
const several = {
  of: "running",
  refuse: ({ since }: { readonly since?: number | undefined }) => {
    if (since === undefined) return;
    const message = "--since is a message of one app, and several apps are meant.";
    throw new DevlatchError("INVALID_INPUT", message, "Name one app with it.");
  },
  label: (app: string, text: string) => `${app}: ${text.replaceAll("\n", "\n  ")}`,
} as const;

const declared = async () => (await import("../../../shared/operations/servers.ts")).wait;

export const wait = appsVerb(declared, several, async (input, context): Promise<Report> => {
  const { app } = input;
  const connection = await context.ensure();
  const progress = context.output.progress();
  progress.phase(`Waiting for the build of ${app}`);
  const result = await context.ask(waitRequest, input, connection).finally(() => progress.done());
  if (result.skipped > 0)
    context.output.note(
      `${result.skipped} lines came faster than they could be looked at; errors in them are missing`,
    );
  return {
    data: result,
    text: waitText(app, result, context.output.paint),
    exitCode: exitCodes[result.status],
  };
});

/** One error a line, as compilers write them, so that editors and agents find the place. */
export function waitText(app: string, result: BuildWaitResult, paint: Paint): string {
  const { status, errors, errorCount, warnings } = result;
  if (status === "unknown") return unknownText(app, result);
  const warned = warnings === 0 ? "" : ` (${warnings === 1 ? "1 warning" : `${warnings} warnings`})`;
  if (status === "clean") return `${paint("green", "clean")}${warned}`;
  const more = errorCount - errors.length;
  return [
    ...errors.map((error) => errorLine(error, paint)),
    ...(more > 0 ? [`… and ${more} more`] : []),
    paint("red", errorCount === 1 ? "1 error" : `${errorCount} errors`) + warned,
  ].join("\n");
}

function unknownText(
  app: string,
  { reason = "it said nothing of a build", advice }: BuildWaitResult,
): string {
  const first = `unknown: ${app} runs, but ${printable(reason)}`;
  return advice === undefined ? first : `${first}\n  ${printable(advice)}`;
}

function errorLine({ message, place }: BuildError, paint: Paint): string {
  const words = printable(message);
  return place === undefined ? words : `${paint("bold", printable(placeWords(place)))}: ${words}`;
}
