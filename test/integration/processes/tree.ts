import { join } from "node:path";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import type { TreeRoot } from "../../../daemon/processes/processes.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { cookieVariable } from "../../../shared/model/marks.ts";
import { type Running, startProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import type { Owner } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";
import { allProcesses, endProcesses, type SeenProcess } from "../../support/processes.ts";

export const fixtures = join(repository, "test/fixtures/processes");
export const processes = createProcesses();

/** A fixture that runs as a tree of its own. */
export interface TestTree {
  readonly root: TreeRoot;
  readonly program: Running;
  /** Living processes with the tree's marker in their command line, by the tests' own look at /proc. */
  left(): SeenProcess[];
}

/**
 * Starts a fixture as leader of its own session, waits for its first line, and ends whatever is left of it.
 * @param marked whether it carries the cookie of its tree
 */
export async function startTree(
  owner: Owner,
  fixture: string,
  args: readonly string[] = [],
  { marked = true } = {},
): Promise<TestTree> {
  const cookie = randomToken();
  const marker = `marker-${randomToken()}`;
  const left = () => allProcesses().filter(({ command }) => command.includes(marker));
  owner.after(() => endProcesses(left, 0));
  const program = await startProgram(join(fixtures, fixture), [marker, ...args], {
    detached: true,
    env: userEnv(marked ? { [cookieVariable]: cookie } : {}),
  });
  const leader = await processes.identify(program.pid);
  if (leader === undefined) throw new Error(`${fixture} ended at once`);
  return { root: { leader, cookie }, program, left };
}

/** A port some fixture printed as its first line. */
export async function printedPort(program: Running): Promise<number> {
  return Number((await program.printed(/^(\d+)\n/))[1]);
}
