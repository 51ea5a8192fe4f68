import { appsVerb } from "./apps-verb.ts";
import { launch, refuseForSeveral, resultText } from "./launch.ts";
import { withRoom } from "./room.ts";

const declared = async () => (await import("../../../shared/operations/servers.ts")).start;

export const start = appsVerb(
  declared,
  { of: "start", refuse: refuseForSeveral, prepare: (context) => context.without("PORT") },
  async (input, context) => {
    const result = await withRoom(context, input.overBudget === true, (overBudget) =>
      launch(context, "start", { ...input, overBudget }),
    );
    return { data: result, text: resultText(result, context.output) };
  },
);
