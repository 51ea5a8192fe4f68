import { shellWord } from "../base/shell-word.ts";
import { launchWords, stopWords } from "../operations/result-words.ts";
import { restart, start, stop } from "../operations/servers.ts";
import type { StartResult } from "../protocol/methods.ts";
import { errorAnswer, paragraphs, shortLine, type ToolAnswer } from "./answer.ts";
import { appHere, appsHere, ask, goingOn, type Here } from "./asking.ts";
import { withConsent } from "./consent.ts";
import { app, onConflict, patienceSeconds, port, seconds } from "./fields.ts";
import { directoryOf } from "./place.ts";
import { tool } from "./tool.ts";

/** As many apps as one answer tells of. */
const mostApps = 20;

export const startTool = tool("start", {
  title: "Start or reuse a dev server",
  description:
    "Reuse an app's dev server or start it; answers its URL once ready. Instead of `npm run dev`. Without app: all of the project.",
  hints: { readOnly: false, destructive: false, idempotent: true },
  fields: { app, port, onConflict, timeout: seconds },
  work: async ({ directory, app: named, ...options }, caller) => {
    const here = { cwd: await directoryOf(directory, caller), caller };
    const apps = named === undefined ? await unnamed(here) : [named];
    const answers = await Promise.all(
      apps.map((one) =>
        started("start", one, here, (timeout) =>
          ask(start, { ...options, timeout: options.timeout ?? timeout, app: one }, here),
        ).catch((error: unknown) => {
          if (apps.length === 1) throw error;
          caller.signal.throwIfAborted();
          return errorAnswer(error);
        }),
      ),
    );
    return together(apps, answers);
  },
});

export const restartTool = tool("restart", {
  title: "Restart a dev server",
  description: "Stop and start a dev server. If others use it, a person must agree.",
  hints: { readOnly: false, destructive: true, idempotent: false },
  fields: { app, port, onConflict, timeout: seconds },
  work: async ({ directory, app: named, ...options }, caller) => {
    const here = { cwd: await directoryOf(directory, caller), caller };
    const one = await appHere(named, here);
    const again = (yes: boolean) =>
      started("restart", one, here, (timeout) =>
        ask(restart, { ...options, timeout: options.timeout ?? timeout, app: one, yes }, here),
      );
    return withConsent(caller, wanted("restart", one, here), again);
  },
});

export const stopTool = tool("stop", {
  title: "Stop a dev server",
  description: "Stop a dev server and free its port; instead of kill. If others use it, a person must agree.",
  hints: { readOnly: false, destructive: true, idempotent: true },
  fields: { app },
  work: async ({ directory, app: named }, caller) => {
    const here = { cwd: await directoryOf(directory, caller), caller };
    const one = await appHere(named, here);
    const result = await withConsent(caller, wanted("stop", one, here), (yes) =>
      ask(stop, { app: one, yes }, here),
    );
    const notice = shortLine(result.notice ?? "");
    const { outcome, elapsedMs } = result;
    return {
      text: paragraphs(stopWords(one, result), notice),
      data: { app: one, outcome, elapsedMs, ...(notice === "" ? {} : { notice }) },
    };
  },
});

function wanted(verb: "stop" | "restart", one: string, { cwd }: Here) {
  return {
    what: `${verb} ${one} in ${cwd}`,
    agree: verb === "stop" ? "Stop it" : "Restart it",
    command: `devlatch ${verb} ${one} --yes --cwd ${shellWord(cwd)}`,
  };
}

/** What runs elsewhere isn't there to be started. */
async function unnamed(here: Here): Promise<readonly string[]> {
  const apps = await appsHere("start", here);
  return apps.filter(({ external }) => external === undefined).map((one) => one.app);
}

async function started(
  verb: "start" | "restart",
  one: string,
  { cwd, caller }: Here,
  launch: (timeout: number) => Promise<StartResult>,
): Promise<ToolAnswer> {
  caller.progress(`${verb === "start" ? "Starting" : "Restarting"} ${one} in ${cwd}`);
  const result = await launch(patienceSeconds).catch((error: unknown) => {
    const remedy = "Call devlatch_start again to wait on, or read devlatch_logs.";
    throw goingOn(error, `${one} isn't ready yet; it goes on starting.`, remedy);
  });
  const notice = shortLine(result.notice ?? "");
  const { app: name, outcome, state, url, port: bound, pid } = result;
  return {
    text: paragraphs(launchWords(result), notice),
    data: { app: name, outcome, state, url, port: bound, pid, ...(notice === "" ? {} : { notice }) },
  };
}

/** Answers of several apps as one; of one it is that. */
function together(apps: readonly string[], answers: readonly ToolAnswer[]): ToolAnswer {
  const [only, ...others] = answers;
  if (only === undefined) return { text: "There is no app to start here.", data: { apps: [] } };
  if (others.length === 0) return only;
  const shown = answers.slice(0, mostApps);
  const texts = shown.map(({ text }, index) => shortLine(`${apps[index]}: ${text.split("\n")[0]}`, 250));
  const more = answers.length > shown.length ? `… and ${answers.length - shown.length} more apps` : "";
  return {
    text: paragraphs(...texts, more),
    data: { apps: shown.map(({ data }, index) => ({ app: apps[index], ...short(data) })) },
    ...(answers.some(({ isError }) => isError) ? { isError: true as const } : {}),
  };
}

/** The output of one of several is read by itself. */
function short(data: ToolAnswer["data"]): ToolAnswer["data"] {
  const { error } = data;
  if (typeof error !== "object" || error === null) return data;
  const { code, message, remedy } = error as Record<string, unknown>;
  return { error: { code, message, remedy } };
}
