import { DevlatchError, type ErrorShape } from "../../shared/base/errors.ts";
import type { ProcessView } from "../../shared/model/process.ts";
import type { RunRecord } from "../../shared/model/run.ts";

/** Why an execution has no result: its host was killed. */
export function runLost({ key }: { readonly key: string }): ErrorShape {
  return {
    code: "RUN_LOST",
    message: `The host of the run ${key} was killed before the command ended; what was left of it was ended too.`,
    remedy: "Run it again. If it happens every time, look for what kills it (out of memory?).",
  };
}

/** The machine that executed it no longer renews the lease. */
export function runLostElsewhere({ key }: { readonly key: string }): ErrorShape {
  return {
    code: "RUN_LOST",
    message: `The run ${key} was executed on another machine, whose daemon no longer holds it.`,
    remedy: "Run it again. If that machine still works, look there whether the command goes on.",
  };
}

export function leftoversSurvive({ key }: RunRecord, survivors: readonly ProcessView[]): DevlatchError {
  const names = survivors.map(({ pid, command }) => `pid ${pid} (${command})`).join(", ");
  return new DevlatchError(
    "STOP_INCOMPLETE",
    `Processes of the last execution of the run ${key} still live and can't be ended: ${names}.`,
    "Try again. A process in uninterruptible sleep (state D) ends once the disk or network it waits for answers.",
    { data: { survivors } },
  );
}

export function runsElsewhere({ key }: RunRecord): DevlatchError {
  return new DevlatchError(
    "HOST_FAILED",
    `The run ${key} is executed on another machine; only its daemon can stop it.`,
    "Run the same command there.",
  );
}

export function neverRun(key: string): DevlatchError {
  return new DevlatchError(
    "NOT_RUNNING",
    `The run ${key} was never executed in this sandbox.`,
    `Execute it with: devlatch run ${key} -- COMMAND`,
  );
}
