import { appsVerb } from "./apps-verb.ts";
import { withConsent } from "./consent.ts";
import { launch, refuseForSeveral, resultText } from "./launch.ts";

const declared = async () => (await import("../../../shared/operations/servers.ts")).restart;

export const restart = appsVerb(
  declared,
  {
    of: "running",
    after: "dependencies",
    widens: ({ dependents = false }) => dependents,
    refuse: refuseForSeveral,
    prepare: (context) => context.without("PORT"),
  },
  async (input, context) => {
    const result = await withConsent(
      context,
      input.yes === true,
      (yes) => launch(context, "restart", { ...input, yes }),
      "Restart it all the same?",
    );
    return { data: result, text: resultText(result, context.output) };
  },
);
