import * as z from "zod";
import {
  type AgentFile,
  commandOf,
  type DeclaredApp,
  declared,
  Line,
  linesOf,
  mostDeclared,
  part,
} from "./declared.ts";

const Script = z.object({ script: z.unknown() });
const Action = z.object({ name: z.string().min(1).max(200), command: Line });
const File = z.object({
  setup: z.unknown().optional(),
  cleanup: z.unknown().optional(),
  actions: z.array(z.unknown()).optional().catch(undefined),
});

/** A local environment of the Codex app. Its actions may be anything: servers are told by their commands. */
export const codexEnvironment: AgentFile = {
  path: ".codex/environments/environment.toml",
  format: "toml",
  read: (value) => {
    const { setup, cleanup, actions = [] } = part(File, value) ?? {};
    return declared({
      apps: actions.slice(0, mostDeclared).flatMap(appOf),
      setup: linesOf(part(Script, setup)?.script),
      teardown: linesOf(part(Script, cleanup)?.script),
    });
  },
};

function appOf(value: unknown): readonly DeclaredApp[] {
  const action = part(Action, value);
  if (action === undefined) return [];
  return [{ name: action.name, ...commandOf(action.command.trim()), isUnsure: true }];
}
