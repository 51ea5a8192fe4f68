import { start as startOperation } from "../../../shared/operations/servers.ts";
import { appsVerb } from "./apps-verb.ts";
import { launch, launchText, refuseForSeveral } from "./launch.ts";

export const start = appsVerb(
  startOperation,
  { of: "start", refuse: refuseForSeveral, prepare: (context) => context.without("PORT") },
  async (input, context) => {
    const result = await launch(context, "start", input);
    return { data: result, text: launchText(result, context.output.paint) };
  },
);
