import {
  type AppPorts,
  type AppSummary,
  appPort,
  isServer,
  type PortBlock,
  portVariable,
  type SandboxId,
  urlVariable,
} from "../../shared/model/sandbox.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { PortedCommand, Workspace } from "../detect/workspace.ts";
import { withReferences } from "./references.ts";
import type { Target } from "./target.ts";

/** Where apps run: the sandbox, and its ports where it is one of a pool. */
interface Place {
  readonly sandboxId: SandboxId;
  readonly block?: PortBlock;
}

/**
 * The port of every app of a sandbox: where it runs now, else where it would.
 * @param cwd the directory from which the apps are looked for
 * @param records all that are known
 */
export async function appPorts(
  place: Place,
  cwd: string,
  workspace: Pick<Workspace, "describe">,
  records: readonly SessionRecord[],
): Promise<AppPorts> {
  const { apps } = await workspace.describe(cwd);
  return portsOf(place, apps, records);
}

function portsOf(
  { sandboxId, block }: Place,
  apps: readonly AppSummary[],
  records: readonly SessionRecord[],
): AppPorts {
  const servers = apps.filter(isServer);
  const planned = servers.map(({ app, port }) => [app, appPort(block, app, port)] as const);
  const elsewhere = apps.flatMap(({ app, external }) => (external ? [[app, external.tcp] as const] : []));
  const real = records.flatMap(({ sandboxId: id, app, state }) =>
    id === sandboxId && state.kind === "ready" ? [[app, state.port] as const] : [],
  );
  const own = { ...Object.fromEntries(planned), ...block?.ports, ...Object.fromEntries(real) };
  return { ...own, ...Object.fromEntries(elsewhere) };
}

/** A command as it is run, with what is exported to it beside its own variables. */
interface Launchable extends PortedCommand {
  /** Its own variables, with what they refer to. */
  readonly own: Readonly<Record<string, string>>;
}

/**
 * What runs on the port that was chosen, told that port and where the other apps of its sandbox are.
 * @param port undefined for what has none
 * @throws DevlatchError `CONFIG_INVALID` where a variable refers to nothing
 */
export async function commandOnPort(
  target: Target,
  port: number | undefined,
  workspace: Pick<Workspace, "describe" | "onPort">,
  records: readonly SessionRecord[],
): Promise<Launchable> {
  const { plan, asked, sandboxId } = target;
  const { apps } = await workspace.describe(asked.cwd);
  const ports = { ...portsOf(target, apps, records), ...(port === undefined ? {} : { [plan.app]: port }) };
  const urls = urlsOf(sandboxId, ports, apps, records);
  const own = withReferences(plan.env, plan.app, { ports, urls, sandboxId });
  const { command, env } =
    port === undefined ? { command: plan.command, env: {} } : workspace.onPort({ ...plan, env: own }, port);
  const variables = [
    ...Object.entries(ports).map(([app, one]) => [portVariable(app), String(one)] as const),
    ...Object.entries(urls).map(([app, one]) => [urlVariable(app), one] as const),
  ];
  return { command, env: { ...Object.fromEntries(variables), ...env }, own };
}

/**
 * The address of every app that isn't external: where it runs now, else where it would. An address that another home
 * wrote is believed for its port alone.
 */
function urlsOf(
  sandboxId: SandboxId,
  ports: AppPorts,
  apps: readonly AppSummary[],
  records: readonly SessionRecord[],
): Readonly<Record<string, string>> {
  const external = new Set(apps.flatMap((one) => (one.external ? [one.app] : [])));
  const planned = Object.entries(ports).flatMap(([app, port]) =>
    external.has(app) ? [] : [[app, `http://localhost:${port}`] as const],
  );
  const real = records.flatMap(({ sandboxId: id, app, state, told }) =>
    id === sandboxId && state.kind === "ready" && told === undefined ? [[app, state.url] as const] : [],
  );
  return { ...Object.fromEntries(planned), ...Object.fromEntries(real) };
}
