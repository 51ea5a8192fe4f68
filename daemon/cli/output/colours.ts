import { WriteStream } from "node:tty";

/**
 * Whether what is written there may be coloured: on a terminal, unless `NO_COLOR` is set or it knows none; anywhere where
 * `FORCE_COLOR` says so (1, 2 or 3), and nowhere where that says no (0). It decides before the others.
 */
export function takesColours(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  const isForced = env["FORCE_COLOR"] !== undefined;
  if (!isForced && !isTerminal) return false;
  // Asked with both, Node writes a warning among what people read.
  const { NO_COLOR: _, NODE_DISABLE_COLORS: __, ...rest } = env;
  return WriteStream.prototype.getColorDepth(isForced ? rest : env) > 2;
}
