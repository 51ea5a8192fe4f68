import type { MeantApp } from "../protocol/apps.ts";
import type { InDirectory } from "./fields.ts";
import { to } from "./operation.ts";

/** Which apps are asked for. */
interface Meant {
  readonly names: readonly string[];
  /** What is to run, or what runs. */
  readonly of: "start" | "running";
  /** Whether what runs and depends on them is meant, too. */
  readonly dependents: boolean;
}

/** The apps that are meant by names; without any, all that belong together. What others depend on comes first. */
export const meantApps = to("project/apps", ({ names, of, dependents }: Meant, { cwd }: InDirectory) => ({
  cwd,
  names: [...names],
  of,
  dependents,
}));

/**
 * What is meant where one app is wanted and none is named: those that run here, else those that can be started here. With
 * one it is that.
 * @param ask gives all that belong together
 * @throws DevlatchError what the daemon says
 */
export async function unnamedApps(
  ask: (of: Meant["of"]) => Promise<readonly MeantApp[]>,
): Promise<readonly string[]> {
  const running = (await ask("running")).filter(({ active }) => active);
  const meant = running.length > 0 ? running : await ask("start");
  return meant.map(({ app }) => app);
}
