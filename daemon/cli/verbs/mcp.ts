import { none } from "../../../shared/operations/fields.ts";
import { steps } from "../../../shared/operations/operation.ts";
import { verb } from "./verb.ts";

const declared = steps({
  summary: "Serve coding agents over standard input and output (MCP); their configuration names it.",
  args: none,
  options: none,
  palette: null,
  requests: {},
});

/** Ends when the agent closes its end: nothing is printed but what the protocol says. */
export const mcp = verb(declared, async (_input, context) => {
  const { cwd, home, daemonScript } = context;
  // Help loads all verbs, and this is larger than all of them.
  const { serveAgent } = await import("../../mcp/serve.ts");
  await serveAgent({ cwd, home, daemonScript, env: context.caller.env }, context.signal);
  return undefined;
});
