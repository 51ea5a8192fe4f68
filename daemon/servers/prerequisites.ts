import { DevlatchError, hasCode, toErrorShape } from "../../shared/base/errors.ts";
import type { Progress } from "../../shared/base/flight.ts";
import type { Target } from "../sessions/target.ts";
import type { EnsureRequest } from "./ensure-request.ts";

/** Apps that wait for each other. */
export interface Chain {
  /** The one that was asked for first. */
  readonly names: readonly string[];
  /** Tells who asked. */
  readonly tell: Progress;
}

/**
 * Has everything ready that an app depends on, side by side. What one of them itself depends on is ready before it.
 * @param chain who waits, this app last
 * @param ensure has one app ready, within the time it is given
 * @throws DevlatchError the first failure as soon as it is known, saying who waits for it; the others go on starting;
 *   `CONFIG_INVALID` where an app comes to wait for itself
 */
export async function readyBefore(
  { plan, root }: Target,
  request: EnsureRequest,
  { tell }: Chain,
  ensure: (request: EnsureRequest) => Promise<unknown>,
): Promise<void> {
  const { dependsOn = [] } = plan;
  const one = async (app: string) => {
    const { signal, wishes } = request;
    const own: EnsureRequest = {
      ...request,
      // Of the caller's wishes none is about another app, but for how long it is meant to run.
      wishes: { cwd: root, app, ...(wishes.whileUsed ? { whileUsed: true } : {}) },
      callerEnvironment: withoutPort(request.callerEnvironment),
      wait: true,
      progress: (phase, message) => tell(phase, `${app}: ${message}`),
    };
    await ensure(own).catch((error: unknown) => {
      throw signal.aborted ? error : notStarted(plan.app, app, error);
    });
  };
  await Promise.all(dependsOn.map(one));
}

/**
 * Makes sure that no app waits for itself: by another name one may be the app that waits for it.
 * @param names of those that wait for it
 * @throws DevlatchError `CONFIG_INVALID` with the path
 */
export function refuseCircle(app: string, names: readonly string[]): void {
  const at = names.indexOf(app);
  if (at === -1) return;
  throw new DevlatchError(
    "CONFIG_INVALID",
    `Apps wait for each other in a circle: ${[...names.slice(at), app].join(" → ")}.`,
    "Take one of them out of dependsOn in devlatch.json.",
  );
}

/** `PORT` says where one server is to listen. */
export function withoutPort(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { PORT: _, ...others } = env;
  return others;
}

function notStarted(app: string, dependency: string, error: unknown): unknown {
  if (!hasCode(error)) return error;
  const { code, message, remedy, data } = toErrorShape(error);
  const said = `${app} was not started, for it depends on ${dependency}: ${message}`;
  return new DevlatchError(code, said, remedy, { ...(data === undefined ? {} : { data }), cause: error });
}
