import { stopWords } from "../../../shared/operations/result-words.ts";
import { stopRequest } from "../../../shared/operations/server-requests.ts";
import { appsVerb } from "./apps-verb.ts";
import { withConsent } from "./consent.ts";

/** Servers that use others are stopped before them. */
const several = { of: "running", after: "dependents", nothing: "No server of this project runs" } as const;

const declared = async () => (await import("../../../shared/operations/servers.ts")).stop;

export const stop = appsVerb(declared, several, async (input, context) => {
  const { app } = input;
  const connection = await context.ensure(context.signal, { anyNetwork: true });
  const progress = context.output.progress();
  const work = (yes: boolean) => {
    progress.phase(`Stopping ${app}`);
    return context.ask(stopRequest, { ...input, yes }, connection).finally(() => progress.done());
  };
  const result = await withConsent(context, input.yes === true, work, "Stop it all the same?");
  if (result.notice) context.output.note(result.notice);
  return { data: result, text: stopWords(app, result) };
});
