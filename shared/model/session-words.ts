import { t } from "@vscode/l10n";
import { since } from "../base/deadline.ts";
import { plainText } from "../base/plain-text.ts";
import { buildWords, placeWords } from "./build-words.ts";
import type { RunView } from "./run.ts";
import type { SessionView } from "./session.ts";
import { phaseWords, usefulLine } from "./state-words.ts";

/** A word or two in the colour of how well it is, and what else is to say. */
export interface StateWords {
  readonly colour: "green" | "yellow" | "red" | "dim";
  readonly words: string;
}

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
