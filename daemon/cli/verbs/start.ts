import { operations } from "../../../shared/operations/operations.ts";
import { appsVerb } from "./apps-verb.ts";
import { launch, launchText, refuseForSeveral } from "./launch.ts";

export const start = appsVerb(
  operations.start,
  { of: "start", refuse: refuseForSeveral, prepare: (context) => context.without("PORT") },
  async (input, context) => {
    const result = await launch(context, "start", input);
    return { data: result, text: launchText(result, context.output.paint) };
  },
);
