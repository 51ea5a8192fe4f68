import { operations } from "../../../shared/operations/operations.ts";
import { launch, launchText } from "./launch.ts";
import { verb } from "./verb.ts";

export const start = verb(operations.start, async (input, context) => {
  const result = await launch(context, "start", input);
  return { data: result, text: launchText(result, context.output.paint) };
});
