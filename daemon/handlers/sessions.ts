import { portVariable } from "../../shared/model/sandbox.ts";
import type { CheckedParams, StartParams, StartResult, StopResult } from "../../shared/protocol/contract.ts";
import { applyPort } from "../detect/ports.ts";
import type { StartRequest } from "../sessions/start.ts";
import type { CallContext, Handlers } from "./contract.ts";
import { forgetHolders, requireUnheld, whileHolding } from "./holding.ts";
import type { Parts } from "./parts.ts";
import {
  type LocatedSandbox,
  locateSandbox,
  portsOf,
  type ResolvedTarget,
  resolveTarget,
} from "./targets.ts";

export function sessionHandlers(
  parts: Parts,
): Pick<Handlers, "session/start" | "session/stop" | "session/restart"> {
  return {
    "session/start": (params, call) => start(parts, params, call),

    "session/stop": (params, call) => stop(parts, params, call),

    "session/restart": async ({ yes, ...params }, call) => {
      // Resolved first: a restart that can't start again must not stop what runs.
      const { sandboxId, plan } = await resolveTarget(parts, params);
      const { app } = params;
      const caller = await parts.callers.of(call.client);
      const timeoutMs = plan.stopTimeoutMs + 30_000;
      const check = () => (yes ? undefined : requireUnheld(parts, { sandboxId, app }, caller, "restart"));
      // Whoever else holds it goes on holding what is started again.
      await parts.sessions.stop({ sandboxId, app, yes, timeoutMs, signal: call.signal, check });
      return start(parts, params, call);
    },
  };
}

async function stop(
  parts: Parts,
  { cwd, app, yes, timeoutMs }: CheckedParams<"session/stop">,
  { client, signal }: CallContext,
): Promise<StopResult> {
  const { sandboxId } = await locateSandbox(parts, cwd);
  const place = { sandboxId, app };
  const caller = await parts.callers.of(client);
  const check = () => (yes ? undefined : requireUnheld(parts, place, caller, "stop"));
  const reason = caller && parts.fights.foresee(place, caller)?.event;
  const result = await parts.sessions.stop({ sandboxId, app, yes, timeoutMs, signal, check, reason });
  await forgetHolders(parts, place);
  const fight = caller && result.outcome === "stopped" ? parts.fights.add(place, caller) : undefined;
  return fight ? { ...result, notice: fight.notice } : result;
}

async function start(parts: Parts, params: StartParams, call: CallContext): Promise<StartResult> {
  const target = await resolveTarget(parts, params);
  const place = { sandboxId: target.sandboxId, app: params.app };
  const caller = await parts.callers.of(call.client);
  const result = await whileHolding(parts, place, caller, () => launch(parts, target, params, call));
  const fight = caller && result.outcome === "started" ? parts.fights.add(place, caller) : undefined;
  if (!fight) return result;
  await parts.sessions.note(place.sandboxId, place.app, fight.event);
  return { ...result, notice: fight.notice };
}

function launch(
  parts: Parts,
  target: ResolvedTarget,
  params: StartParams,
  call: CallContext,
): Promise<StartResult> {
  const { progressToken } = params;
  return startSession(parts, target, params, {
    signal: call.signal,
    progress: (phase, message) => {
      if (progressToken !== undefined) call.notify("start/progress", { progressToken, phase, message });
    },
  });
}

/** Ensures a server for whoever asks: a caller, or a restart that is due. */
export function startSession(
  parts: Parts,
  target: ResolvedTarget,
  params: StartParams,
  by: Pick<StartRequest, "signal" | "progress" | "restart">,
): Promise<StartResult> {
  const { cwd, command, port } = params;
  const own = (port: number) => ({ [portVariable(params.app)]: String(port) });
  return parts.sessions.start(target, {
    ...by,
    // A window asks its user by showing the conflict; here both mean: don't touch the port.
    onConflict: params.onConflict,
    consent: params.consent,
    callerEnvironment: params.env,
    asked: { cwd, ...(command === undefined ? {} : { command }), ...(port === undefined ? {} : { port }) },
    applyPort: async (port) => {
      const { command, env } = applyPort(target.plan, port);
      return { command, env: { ...(await portVariables(parts, target, params)), ...env, ...own(port) } };
    },
    wait: params.wait,
    timeoutMs: params.timeoutMs,
  });
}

/** Where a server finds the other apps of its sandbox. */
async function portVariables(parts: Parts, sandbox: LocatedSandbox, { cwd }: StartParams) {
  const ports = await portsOf(parts, sandbox, cwd);
  return Object.fromEntries(Object.entries(ports).map(([app, port]) => [portVariable(app), String(port)]));
}
