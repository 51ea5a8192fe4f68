import { restart as restartOperation } from "../../../shared/operations/servers.ts";
import { withConsent } from "./consent.ts";
import { launch, launchText } from "./launch.ts";
import { verb } from "./verb.ts";

export const restart = verb(restartOperation, async (input, context) => {
  const result = await withConsent(
    context,
    input.yes === true,
    (yes) => launch(context, "restart", { ...input, yes }),
    "Restart it all the same?",
  );
  return { data: result, text: launchText(result, context.output.paint) };
});
