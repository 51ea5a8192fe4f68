import { start as startOperation } from "../../../shared/operations/servers.ts";
import { launch, launchText } from "./launch.ts";
import { verb } from "./verb.ts";

export const start = verb(startOperation, async (input, context) => {
  const result = await launch(context, "start", input);
  return { data: result, text: launchText(result, context.output.paint) };
});
