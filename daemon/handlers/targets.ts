import { digest } from "../../shared/base/token.ts";
import type { AppName } from "../../shared/model/app.ts";
import type { AppPorts, SandboxId } from "../../shared/model/sandbox.ts";
import type { SandboxPlace } from "../detect/contract.ts";
import type { Slot } from "../sandboxes/pool-record.ts";
import type { Target } from "../sessions/contract.ts";
import type { Parts } from "./parts.ts";

/** Derived from the machine and the real path, unless the configuration sets one that several machines share. */
export function sandboxIdOf(place: SandboxPlace, machineId: string): SandboxId {
  return place.explicitId ?? `sb_${digest(`${machineId}\n${place.root}`)}`;
}

/** What resolving a sandbox needs. */
type Locating = Pick<Parts, "workspace" | "machineId" | "sandboxes">;

/** A sandbox, and the pool's slot where it is one of a pool: that has an id and ports of its own. */
export interface LocatedSandbox {
  readonly sandboxId: SandboxId;
  readonly root: string;
  readonly slot?: Slot;
}

export async function locateSandbox(parts: Locating, cwd: string): Promise<LocatedSandbox> {
  return located(parts, await parts.workspace.locate(cwd), await parts.sandboxes.at(cwd));
}

function located(
  { machineId }: Locating,
  place: SandboxPlace,
  pooled: { slot: Slot } | undefined,
): LocatedSandbox {
  const { root } = place;
  return pooled
    ? { sandboxId: pooled.slot.sandboxId, root, slot: pooled.slot }
    : { sandboxId: sandboxIdOf(place, machineId), root };
}

/** What has to run, with the pool's slot where it is to run in a sandbox of a pool. */
export type ResolvedTarget = Target & { readonly slot?: Slot };

/** The app a caller means, resolved to what has to run. */
export async function resolveTarget(
  parts: Locating,
  wishes: { cwd: string; app: AppName; command?: readonly string[] | undefined; port?: number | undefined },
): Promise<ResolvedTarget> {
  const { cwd, app, command, port } = wishes;
  const place = await parts.workspace.locate(cwd);
  const sandbox = located(parts, place, await parts.sandboxes.forStart(cwd));
  const plan = await parts.workspace.plan({
    cwd,
    app,
    root: place.root,
    ...(command === undefined ? {} : { command }),
    ...(port === undefined ? {} : { port }),
  });
  if (!sandbox.slot || port !== undefined) return { ...sandbox, plan };
  return { ...sandbox, plan: { ...plan, port: shifted(sandbox.slot, app, plan.port), portExplicit: true } };
}

/** An app's port in a sandbox of a pool; for one the pool knows nothing of, its own port shifted as the others are. */
export function shifted({ ports, offset }: Slot, app: string, port: number): number {
  return ports[app] ?? port + offset;
}

/** The port of every app of a sandbox: where it runs now, else where it would. */
export async function portsOf(
  parts: Pick<Parts, "workspace" | "sessions">,
  { sandboxId, slot }: LocatedSandbox,
  cwd: string,
): Promise<AppPorts> {
  const { apps } = await parts.workspace.describe(cwd);
  const planned = apps.map(({ app, port }) => [app, slot ? shifted(slot, app, port) : port] as const);
  const real = parts.sessions.registry
    .all()
    .flatMap(({ sandboxId: id, app, state }) =>
      id === sandboxId && state.kind === "ready" ? [[app, state.port] as const] : [],
    );
  return { ...Object.fromEntries(planned), ...slot?.ports, ...Object.fromEntries(real) };
}
