import { realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { DevlatchError } from "../base/errors.ts";
import { isWithin } from "../base/within.ts";
import type { ToolCaller } from "./caller.ts";

/**
 * The directory that is meant.
 * @param directory as given; relative to the one workspace there is
 * @throws DevlatchError `INVALID_INPUT` where several workspaces are meant, or what is given lies outside of them
 */
export async function directoryOf(
  directory: string | undefined,
  { workspaces, belongings }: Pick<ToolCaller, "workspaces" | "belongings">,
): Promise<string> {
  const { roots, bounded } = workspaces;
  const [only, ...others] = roots;
  if (directory === undefined || !isAbsolute(directory)) {
    if (only === undefined || others.length > 0) throw severalWorkspaces(roots);
    return inside(resolve(only, directory ?? "."), roots, bounded);
  }
  return inside(resolve(directory), [...roots, ...belongings.directories], bounded);
}

/** Links are followed first: where they lead counts. */
async function inside(directory: string, roots: readonly string[], bounded: boolean): Promise<string> {
  if (!bounded) return directory;
  const [real, ...allowed] = await Promise.all([directory, ...roots].map(followed));
  if (real !== undefined && allowed.some((root) => isWithin(real, root))) return directory;
  throw new DevlatchError(
    "INVALID_INPUT",
    `${directory} is outside of this client's workspaces (${roots.join(", ")}).`,
    "Give a directory inside, or ask the person to add it to the client's workspaces.",
  );
}

/** What isn't there leads nowhere; the daemon says that it is missing. */
function followed(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function severalWorkspaces(roots: readonly string[]): DevlatchError {
  const what =
    roots.length === 0
      ? "This client has no workspace."
      : `This client has several workspaces: ${roots.join(", ")}.`;
  return new DevlatchError("INVALID_INPUT", what, "Give an absolute `directory`.");
}
