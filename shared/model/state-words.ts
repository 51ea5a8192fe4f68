import { t } from "@vscode/l10n";
import { since } from "../base/deadline.ts";
import { plainText } from "../base/plain-text.ts";
import { buildWords, placeWords } from "./build-words.ts";
import type { RunView } from "./run.ts";
import type { SessionError, SessionView, StartPhase } from "./session.ts";
import { placesIn } from "./source-place.ts";

/** A word or two in the colour of how well it is, and what else is to say. */
export interface StateWords {
  readonly colour: "green" | "yellow" | "red" | "dim";
  readonly words: string;
}

/** How far a start has come, in words. */
export function phaseWords(phase: StartPhase): string {
  const words: Readonly<Record<StartPhase, string>> = {
    launching: t("launching"),
    spawned: t("process runs, waiting for it to listen"),
    listening: t("port open"),
    responding: t("port open, no answer yet"),
  };
  return words[phase];
}

/** A start that takes longer than this is slow, in milliseconds. */
export const slowStartMs = 60_000;

/** Where a server stands, in words. @param now milliseconds since the epoch */
export function sessionWords({ app, state, build, restarts, cwd }: SessionView, now: number): StateWords {
  switch (state.kind) {
    case "ready": {
      const words = build && buildWords(build);
      const colour = build?.status === "failed" ? "red" : "green";
      const { displaced } = state;
      const instead = displaced && t("{0} is taken by {1}", displaced.port, plainText(displaced.by));
      return { colour, words: [t("ready"), words, instead].filter((one) => one !== undefined).join(", ") };
    }
    case "starting": {
      const again = restarts === undefined ? t("starting") : t("restart {0}", restarts);
      if (state.asks !== undefined)
        return {
          colour: "yellow",
          words: t("{0}, asks on its terminal: {1}", again, `devlatch attach ${app}`),
        };
      return { colour: "yellow", words: `${again} · ${phaseWords(state.phase)}, ${since(state.since, now)}` };
    }
    case "crashed": {
      const where = state.place === undefined ? "" : `${placeWords(state.place)}: `;
      const why = state.cause === undefined ? "" : ` · ${plainText(where + state.cause)}`;
      return { colour: "red", words: `${t("crashed, waiting for a change")}${why}` };
    }
    case "failed":
      return {
        colour: "red",
        words: `${t("failed")} · ${usefulLine(state.error, cwd)} (${t("{0} ago", since(state.since, now))})`,
      };
    case "restarting":
      return { colour: "yellow", words: t("ended, restart {0} follows", state.attempt) };
    case "stopping":
      return { colour: "yellow", words: t("stopping") };
    case "stopped":
      return { colour: "dim", words: t("stopped {0} ago", since(state.since, now)) };
  }
}

/** What came of the last time a task was done, in words. @param now milliseconds since the epoch */
export function taskWords({ state }: RunView, now: number): StateWords {
  const ago = `${since(state.since, now)} ago`;
  switch (state.kind) {
    case "finished":
      return state.exitCode === 0
        ? { colour: "green", words: `done ${ago}` }
        : { colour: "red", words: `failed · exit code ${state.exitCode} (${ago})` };
    case "failed":
      return { colour: "red", words: `failed · ${plainText(state.error.message)} (${ago})` };
    case "cancelled":
      return { colour: "yellow", words: `stopped ${ago}` };
    case "stopping":
      return { colour: "yellow", words: "stopping" };
    case "starting":
    case "running":
      return { colour: "yellow", words: `under way, ${since(state.since, now)}` };
  }
}

/** Longest part of a line that is looked at, in characters. */
const longestLine = 400;

/** Errors that say more than the last lines of the output: who has the port, what grew. */
const sayMore: ReadonlySet<string> = new Set([
  "PORT_CONFLICT",
  "LIMIT_EXCEEDED",
  "COMMAND_NOT_FOUND",
  "DIRECTORY_MISSING",
]);

/** Of all that is known of a failure the one line that says most, with its files as seen from the server's directory. */
export function usefulLine({ code, message, logTail }: SessionError, cwd: string): string {
  if (sayMore.has(code)) return oneLine(message, cwd);
  const [only, ...more] = logTail;
  // What was understood of its output stands there alone.
  if (only !== undefined && more.length === 0) return oneLine(only, cwd);
  const said = logTail.findLast((line) =>
    /error|exception|cannot|not found|EADDR|refused|denied/i.test(line),
  );
  const line = oneLine(said ?? message, cwd);
  const place = said === undefined ? undefined : ownPlace(logTail, cwd);
  return place === undefined || line.includes(place) ? line : `${line} (${place})`;
}

/** The first file of the server's own that the lines name with a line number: `crash.js:3`. */
function ownPlace(lines: readonly string[], cwd: string): string | undefined {
  for (const line of lines) {
    for (const { place } of placesIn(line)) {
      const isOwn = place.file.startsWith(`${cwd}/`) && !place.file.includes("/node_modules/");
      if (isOwn) return `${plainText(place.file.slice(cwd.length + 1))}:${place.line}`;
    }
  }
  return undefined;
}

function oneLine(text: string, cwd: string): string {
  const [line = ""] = text.trim().split("\n");
  return plainText(line.slice(0, longestLine).replaceAll(`${cwd}/`, ""));
}
