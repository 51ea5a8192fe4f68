import { realpath } from "node:fs/promises";
import type { Progress } from "../../shared/base/flight.ts";
import type { RunStartResult } from "../../shared/protocol/runs.ts";
import { maxStartTimeoutMs } from "../../shared/protocol/times.ts";
import { runSession } from "../runs/records.ts";
import type { RunService } from "../runs/service.ts";
import { runViews } from "../runs/views.ts";
import type { Locator } from "../servers/locator.ts";
import type { SandboxSteps } from "../servers/sandbox-steps.ts";
import type { Handlers } from "./handlers.ts";

type RunMethods = "run/start" | "run/output" | "run/wait" | "run/stop" | "run/list";

/**
 * @param steps what is done before
 * @param onCalled called with what came of each call for a run
 */
export function runMethods(
  runs: RunService,
  locator: Locator,
  steps: Pick<SandboxSteps, "setUp">,
  onCalled: (result: RunStartResult) => void,
): Pick<Handlers, RunMethods> {
  return {
    "run/start": async (params, { signal, notify }) => {
      const { key, command, env, inputs, once, ttlMs, callId, instead, size, progressToken } = params;
      const place = await locator.forRun(params.cwd);
      const { sandboxId, root } = place;
      const progress: Progress = (phase, message) => {
        if (progressToken !== undefined) notify("start/progress", { progressToken, phase, message });
      };
      await steps.setUp(place, {
        callerEnvironment: env,
        signal,
        timeoutMs: maxStartTimeoutMs,
        progress,
      });
      const request = {
        ...{ sandboxId, root, key, command, inputs, callId },
        cwd: await realpath(params.cwd),
        callerEnvironment: env,
        ...(size ? { size } : {}),
        ...(instead === undefined ? {} : { instead }),
        ...(once ? { replayMs: ttlMs } : {}),
      };
      const result = await runs.start(request, signal, progress);
      onCalled(result);
      return result;
    },

    "run/output": async ({ cwd, key, launchId, ...wishes }, { signal }) => {
      const { sandboxId } = await locator.sandbox(cwd);
      return runs.output({ sandboxId, key, launchId }, wishes, signal);
    },

    "run/wait": async ({ cwd, key, launchId, waitMs }, { signal }) => {
      const { sandboxId } = await locator.sandbox(cwd);
      return runs.wait({ sandboxId, key, launchId }, waitMs, signal);
    },

    "run/stop": async ({ cwd, key, launchId }, { signal }) => {
      const { sandboxId } = await locator.sandbox(cwd);
      const place = { sandboxId, key };
      return { outcome: await runs.stop(place, launchId, signal), session: runSession(place) };
    },

    "run/list": async () => runViews(runs.list()),
  };
}
