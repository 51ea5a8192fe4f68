import { none } from "../../../shared/operations/fields.ts";
import { steps } from "../../../shared/operations/operation.ts";
import { verb } from "./verb.ts";

const declared = steps({
  summary:
    "Answer the hook of a coding agent: a command line that would start a second server, or end another's, is refused",
  args: none,
  options: none,
  palette: null,
  requests: {},
});

/** Only its help: the call itself is answered before any verb is loaded, by daemon/guard. */
export const guard = verb(declared, async () => undefined);
