import { start as startOperation } from "../../../shared/operations/servers.ts";
import { appsVerb } from "./apps-verb.ts";
import { launch, refuseForSeveral, resultText } from "./launch.ts";
import { withRoom } from "./room.ts";

export const start = appsVerb(
  startOperation,
  { of: "start", refuse: refuseForSeveral, prepare: (context) => context.without("PORT") },
  async (input, context) => {
    const result = await withRoom(context, input.overBudget === true, (overBudget) =>
      launch(context, "start", { ...input, overBudget }),
    );
    return { data: result, text: resultText(result, context.output) };
  },
);
