import { randomToken } from "../../../shared/base/token.ts";
import { run as runOperation } from "../../../shared/operations/runs.ts";
import { execute } from "./run-execution.ts";
import { verb } from "./verb.ts";

const { start, stop } = runOperation.requests;

export const run = verb(runOperation, async (input, context) => {
  if (!input.stop) {
    const caller = { ...context.caller, callId: randomToken(), size: context.output.terminalSize };
    return execute(start.params(input, caller), context);
  }
  const { key } = input;
  const result = await context.ask(stop, input);
  const text = result.outcome === "stopped" ? `The run ${key} was stopped` : `The run ${key} wasn't running`;
  return { data: result, text };
});
