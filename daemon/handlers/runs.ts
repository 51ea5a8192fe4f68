import { realpath } from "node:fs/promises";
import { isRunLive, type RunRecord, type RunView, toRunView } from "../../shared/model/run.ts";
import { runSession } from "../runs/records.ts";
import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { callOfRun } from "./record.ts";
import { locateSandbox } from "./targets.ts";

type RunMethods = "run/start" | "run/output" | "run/wait" | "run/stop" | "run/list";

/** Ended runs shown at most. */
const shownEnded = 50;

export function runHandlers(parts: Parts): Pick<Handlers, RunMethods> {
  const { runs, journal } = parts;
  return {
    "run/start": async (params, { signal, notify }) => {
      const { key, command, env, inputs, once, ttlMs, callId, instead, size, progressToken } = params;
      const place = await locateSandbox(parts, params.cwd);
      const request = {
        ...place,
        key,
        command,
        cwd: await realpath(params.cwd),
        inputs,
        callerEnvironment: env,
        callId,
        ...(size ? { size } : {}),
        ...(instead === undefined ? {} : { instead }),
        ...(once ? { replayMs: ttlMs } : {}),
      };
      const result = await runs.start(request, signal, (phase, message) => {
        if (progressToken !== undefined) notify("start/progress", { progressToken, phase, message });
      });
      journal.append(callOfRun(result));
      return result;
    },

    "run/output": async ({ cwd, key, launchId, ...wishes }, { signal }) => {
      const { sandboxId } = await locateSandbox(parts, cwd);
      return runs.output({ sandboxId, key, launchId }, wishes, signal);
    },

    "run/wait": async ({ cwd, key, launchId, waitMs }, { signal }) => {
      const { sandboxId } = await locateSandbox(parts, cwd);
      return runs.wait({ sandboxId, key, launchId }, waitMs, signal);
    },

    "run/stop": async ({ cwd, key, launchId }, { signal }) => {
      const { sandboxId } = await locateSandbox(parts, cwd);
      const place = { sandboxId, key };
      return { outcome: await runs.stop(place, launchId, signal), session: runSession(place) };
    },

    "run/list": async () => runViews(runs.list()),
  };
}

/** Live runs, and the last ones that ended, newest first. */
export function runViews(records: readonly RunRecord[]): RunView[] {
  const newest = [...records].sort((a, b) => b.startedAt - a.startedAt);
  const live = newest.filter(({ state }) => isRunLive(state));
  const ended = newest.filter(({ state }) => !isRunLive(state)).slice(0, shownEnded);
  return [...live, ...ended].map(toRunView);
}
