import { t } from "@vscode/l10n";
import { plainText } from "../../shared/base/plain-text.ts";
import { buildWords, placeWords } from "../../shared/model/build-words.ts";
import type { SessionState } from "../../shared/model/session.ts";
import { mostRestarts } from "../../shared/model/session-state.ts";
import { phaseWords, slowStartMs, usefulLine } from "../../shared/model/state-words.ts";
import { roleOf, type Server } from "./servers.ts";
import { otherStopper, stoppedByWords } from "./stopper-words.ts";
import type { Beginning } from "./window-state.ts";

/** How long a row says who stopped a server, in milliseconds. */
const stopIsNewsMs = 60 * 60_000;

type Displaced = NonNullable<Extract<SessionState, { kind: "ready" }>["displaced"]>;

/** Whole seconds since a state began. Both in milliseconds since the epoch. */
export function secondsSince(since: number, now: number): number {
  return Math.max(0, Math.floor((now - since) / 1000));
}

/** A text of the daemon's as people say it: the app by its name, not its session's. */
export function spoken(text: string): string {
  return text.replaceAll(/\bdev_server_(?=[a-z])/g, "");
}

/** A remedy without what is typed in a terminal: in the editor buttons do that. */
export function editorRemedy(remedy: string): string {
  const sentences = spoken(remedy).split(/(?<=[.?!])\s+(?=[A-Z])/);
  return sentences
    .map(withoutFlags)
    .filter((one) => !/\bdevlatch [a-z]|(?:^|\s)--[a-z]/.test(one))
    .join(" ");
}

function withoutFlags(sentence: string): string {
  return sentence
    .replace(/ \(--[a-z-]+\)/, "")
    .replace(/,? or allow more time with --timeout(?=\.)/, "")
    .replace(/, allow more time with --timeout,[^.]*/, "");
}

/** Where a server stands, as its row says it: `:3000, 1 error`. @param now milliseconds since the epoch */
export function stateLine(server: Server, now: number): string {
  const { state, beginning } = server;
  if (beginning) return beginningWords(beginning, now);
  switch (state.kind) {
    case "ready": {
      const build = server.session?.build && buildWords(server.session.build);
      const how = server.session?.hosting === "adopted" ? undefined : build;
      const byHand = server.session?.hosting === "adopted" ? ` · ${byHandWords(server)}` : "";
      const instead = state.displaced && ` (${displacedWords(state.displaced)})`;
      return `${[`:${state.port}${instead ?? ""}`, how].filter((part) => part !== undefined).join(", ")}${byHand}`;
    }
    case "starting":
      return startingWords(state, now);
    case "crashed":
      return `${t("crashed, waiting for a change")}${crashWords(state)}`;
    case "failed":
      return `${t("failed")} · ${failureLine(server)}`;
    case "restarting":
      return restartingWords(state, now);
    case "stopped": {
      const by = now - state.since < stopIsNewsMs ? otherStopper(state) : undefined;
      return by ? stoppedByWords(by) : kindWords(state.kind);
    }
    case "stopping":
      return kindWords(state.kind);
  }
}

/** The line that says most of why a server failed; undefined where it didn't. */
export function failureLine(server: Server): string | undefined {
  const { state } = server;
  return state.kind === "failed" ? spoken(usefulLine(state.error, directoryOf(server))) : undefined;
}

/** The name of a state. */
export function kindWords(kind: SessionState["kind"]): string {
  const words: Readonly<Record<SessionState["kind"], string>> = {
    stopped: t("stopped"),
    starting: t("starting"),
    ready: t("ready"),
    stopping: t("stopping"),
    crashed: t("crashed"),
    failed: t("failed"),
    restarting: t("restarting"),
  };
  return words[kind];
}

/** `started in terminal "npm"`; of another window's, or no terminal at all, `started by hand`. */
function byHandWords({ terminal }: Server): string {
  return terminal === undefined ? t("started by hand") : t('started in terminal "{0}"', plainText(terminal));
}

/** `5173 is taken by node old.js` */
export function displacedWords({ port, by }: Displaced): string {
  return t("{0} is taken by {1}", port, plainText(by));
}

/** `waiting for api · 3 s` */
function beginningWords({ since, waitsFor }: Beginning, now: number): string {
  const seconds = steady(secondsSince(since, now));
  return waitsFor === undefined
    ? t("starting · {0} s", seconds)
    : t("waiting for {0} · {1} s", plainText(waitsFor), seconds);
}

/** How far a start is: `starting, port open, no answer yet · 12 s`. */
export function startingWords(state: Extract<SessionState, { kind: "starting" }>, now: number): string {
  const seconds = steady(secondsSince(state.since, now));
  if (state.asks !== undefined) return t("starting, asks on its terminal · {0} s", seconds);
  const phase = phaseWords(state.phase);
  return now - state.since < slowStartMs
    ? t("starting, {0} · {1} s", phase, seconds)
    : t("slow to start ({0} s): {1}", seconds, phase);
}

/** From ten seconds on in steps of five: a row that is rendered anew under the pointer loses the click. */
function steady(seconds: number): number {
  return seconds < 10 ? seconds : seconds - (seconds % 5);
}

function restartingWords(
  { at, attempt }: Extract<SessionState, { kind: "restarting" }>,
  now: number,
): string {
  return t("crashed, restarting in {0} s ({1} of {2})", secondsSince(now, at), attempt, mostRestarts);
}

function crashWords({ cause, place }: Extract<SessionState, { kind: "crashed" }>): string {
  if (cause === undefined) return "";
  return ` · ${plainText(cause)}${place === undefined ? "" : ` (${placeWords(place)})`}`;
}

/** A row as a screen reader says it, one sentence: `web, ready on port 3000, 1 build error`. */
export function serverSentence(server: Server, now: number): string {
  const { app, state } = server;
  const role = roleOf(server);
  if (role === "task") return t("{0}, a task", app);
  if (role === "external") return t("{0}, runs elsewhere", app);
  if (state.kind !== "ready") return `${app}, ${stateLine(server, now).replaceAll(" · ", ", ")}`;
  const instead = state.displaced ? [t("because {0}", displacedWords(state.displaced))] : [];
  return [t("{0}, ready on port {1}", app, state.port), ...instead, ...buildSentence(server)].join(", ");
}

function buildSentence(server: Server): readonly string[] {
  const { build, hosting } = server.session ?? {};
  const adopted = hosting === "adopted" ? [byHandWords(server)] : [];
  if (build?.status === "compiling") return [...adopted, t("compiling")];
  if (build?.status !== "failed") return adopted;
  return [...adopted, buildErrorWords(build.errorCount)];
}

/** `1 build error`, `3 build errors` */
export function buildErrorWords(count: number): string {
  return count === 1 ? t("1 build error") : t("{0} build errors", count);
}

function directoryOf({ session, summary, cwd }: Server): string {
  return session?.cwd ?? summary?.cwd ?? cwd;
}
