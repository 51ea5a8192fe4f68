import {
  type AppPorts,
  appPort,
  type PortBlock,
  portVariable,
  type SandboxId,
} from "../../shared/model/sandbox.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { PortedCommand, Workspace } from "../detect/workspace.ts";
import type { Target } from "./target.ts";

/**
 * The port of every app of a sandbox: where it runs now, else where it would.
 * @param cwd the directory from which the apps are looked for
 * @param records all that are known
 */
export async function appPorts(
  { sandboxId, block }: { readonly sandboxId: SandboxId; readonly block?: PortBlock },
  cwd: string,
  workspace: Pick<Workspace, "describe">,
  records: readonly SessionRecord[],
): Promise<AppPorts> {
  const { apps } = await workspace.describe(cwd);
  const planned = apps.map(({ app, port }) => [app, appPort(block, app, port)] as const);
  const real = records.flatMap(({ sandboxId: id, app, state }) =>
    id === sandboxId && state.kind === "ready" ? [[app, state.port] as const] : [],
  );
  return { ...Object.fromEntries(planned), ...block?.ports, ...Object.fromEntries(real) };
}

/** What runs on the port that was chosen, told that port and where the other apps of its sandbox are. */
export async function commandOnPort(
  target: Target,
  port: number,
  workspace: Pick<Workspace, "describe" | "onPort">,
  records: readonly SessionRecord[],
): Promise<PortedCommand> {
  const { plan, asked } = target;
  const { command, env } = workspace.onPort(plan, port);
  const ports = { ...(await appPorts(target, asked.cwd, workspace, records)), [plan.app]: port };
  const variables = Object.entries(ports).map(([app, one]) => [portVariable(app), String(one)] as const);
  return { command, env: { ...Object.fromEntries(variables), ...env } };
}
