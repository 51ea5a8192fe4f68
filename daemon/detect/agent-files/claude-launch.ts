import * as z from "zod";
import { Port } from "../../../shared/model/app.ts";
import { type AgentFile, type DeclaredApp, Line, mostDeclared, part } from "./declared.ts";

const Launch = z.object({
  name: z.string().min(1).max(200),
  runtimeExecutable: Line.optional(),
  runtimeArgs: z.array(Line).max(mostDeclared).optional(),
  program: Line.optional(),
  args: z.array(Line).max(mostDeclared).optional(),
  port: Port.optional().catch(undefined),
  cwd: Line.optional(),
  env: z.record(z.string(), z.string()).optional().catch(undefined),
});
type Launch = z.infer<typeof Launch>;

const File = z.object({ configurations: z.array(z.unknown()) });

/** Claude Code's servers for its preview; the shape is that of VS Code's launch configurations. */
export const claudeLaunch: AgentFile = {
  path: ".claude/launch.json",
  format: "json",
  read: (value) => {
    const configurations = part(File, value)?.configurations ?? [];
    const found = configurations.slice(0, mostDeclared).map((one) => part(Launch, one));
    return { apps: found.flatMap((one) => (one === undefined ? [] : appOf(one))) };
  },
};

function appOf({ name, port, cwd, env = {}, ...launch }: Launch): readonly DeclaredApp[] {
  const place = cwd?.replace(/^\$\{workspaceFolder\}\/?/, "./");
  const words = wordsOf(launch);
  // What only the editor could fill in isn't known here.
  const isOpen = [...words, place ?? "", ...Object.values(env)].some((text) => text.includes("${"));
  if (words.length === 0 || isOpen) return [];
  return [
    {
      ...{ name, command: words, env },
      ...(place === undefined ? {} : { cwd: place }),
      ...(port === undefined ? {} : { port }),
    },
  ];
}

function wordsOf(launch: Pick<Launch, "runtimeExecutable" | "runtimeArgs" | "program" | "args">) {
  const { runtimeExecutable, runtimeArgs = [], program, args = [] } = launch;
  if (runtimeExecutable !== undefined)
    return [runtimeExecutable, ...runtimeArgs, ...(program === undefined ? [] : [program]), ...args];
  return program === undefined ? [] : ["node", program, ...args];
}
