import { DevlatchError, fromErrorShape, isErrorCode } from "../base/errors.ts";
import { shellWord } from "../base/shell-word.ts";
import { isRunLive } from "../model/run-state.ts";
import { to } from "../operations/operation.ts";
import { launchWords } from "../operations/result-words.ts";
import { ofScript, run, scriptOf } from "../operations/runs.ts";
import { start } from "../operations/servers.ts";
import type { RunOutcome } from "../protocol/runs.ts";
import type { ProjectScript } from "../protocol/scripts.ts";
import { shortLine, type ToolAnswer } from "./answer.ts";
import { ask, goingOn, type Here, look } from "./asking.ts";
import { requireConsent } from "./consent.ts";
import { patienceSeconds, seconds } from "./fields.ts";
import { directoryOf } from "./place.ts";
import { cursorOf, type Execution, followed, runAnswer, runCursor } from "./run-output.ts";
import { tool } from "./tool.ts";

const stop = run.options.shape.stop.describe("Stop it instead");
const { requests } = run;
const listed = to("run/list", () => ({}));

type Script = Extract<ProjectScript, { kind: "script" }>;

export const runTool = tool("run", {
  title: "Run a script or task",
  description:
    "Run a package.json script or a task, once at a time: later callers share it. Answers exit code and output, or a cursor to call again with.",
  hints: { readOnly: false, destructive: true, idempotent: false },
  fields: { ...ofScript.shape, cursor: runCursor, timeout: seconds, stop },
  work: async ({ directory, script, cursor, timeout: patience = patienceSeconds, stop: ends }, caller) => {
    const here = { cwd: await directoryOf(directory, caller), caller };
    const meant = await look(scriptOf, { script }, here);
    if (meant.kind === "server") throw serves(script);
    if (meant.kind === "task") return task(meant.app, patience, here);
    const there = { cwd: meant.cwd, caller };
    if (ends === true) return end(script, meant, there);
    const execution =
      cursor === undefined ? await begin(meant, there) : { ...cursorOf(cursor), key: meant.key };
    caller.progress(`Running ${script}: ${shortLine(meant.says)}`);
    const read = await followed(execution, patience, there);
    if (read.outcome?.kind === "failed") throw lost(read.outcome);
    return runAnswer(script, execution, read, cursor === undefined ? "last" : "first");
  },
});

async function begin({ key, command }: Script, here: Here): Promise<Execution> {
  const { outcome, run: made, readable } = await ask(requests.start, { key, command }, here);
  if (outcome === "executed") here.caller.belongings.runs.add(made.launchId);
  return { key, launchId: made.launchId, from: 0, how: outcome, readable };
}

/** What this agent began it may end; what others began, or attached to first, is theirs. */
async function end(script: string, { key, cwd }: Script, here: Here): Promise<ToolAnswer> {
  const runs = await look(listed, {}, here);
  const live = runs.find((one) => one.key === key && one.cwd === cwd && isRunLive(one.state));
  if (live !== undefined && !here.caller.belongings.runs.has(live.launchId)) {
    const command = `devlatch run ${shellWord(key)} --stop --cwd ${shellWord(cwd)}`;
    const wanted = { what: `stop the run of ${script} in ${cwd}`, agree: "Stop it", command };
    await requireConsent(here.caller, wanted, "Another caller began it.");
  }
  const { outcome } = await ask(requests.stop, { key }, here);
  const text = outcome === "stopped" ? `${script} was stopped` : `${script} wasn't running`;
  return { text: shortLine(text), data: { script, outcome } };
}

/** A task is done as before a start of what depends on it. */
async function task(app: string, timeout: number, here: Here): Promise<ToolAnswer> {
  const result = await ask(start, { app, timeout }, here).catch((error: unknown) => {
    throw goingOn(error, `${app} isn't done yet; it goes on.`, "Call devlatch_run again to wait on.");
  });
  const { outcome, elapsedMs } = result;
  return { text: launchWords(result), data: { script: app, outcome, elapsedMs } };
}

function serves(script: string): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `${script} starts a dev server, which doesn't end.`,
    "Use devlatch_start.",
  );
}

function lost({ error }: Extract<RunOutcome, { kind: "failed" }>): DevlatchError {
  return fromErrorShape({ ...error, code: isErrorCode(error.code) ? error.code : "HOST_FAILED" });
}
