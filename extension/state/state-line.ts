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
      return `crashed, waiting for a change${crashWords(state)}`;
    case "failed":
      return `failed · ${spoken(usefulLine(state.error, directoryOf(server)))}`;
    case "restarting":
      return restartingWords(state, now);
    case "stopped": {
      const by = now - state.since < stopIsNewsMs ? otherStopper(state) : undefined;
      return by ? stoppedByWords(by) : state.kind;
    }
    case "stopping":
      return state.kind;
  }
}

/** `started in terminal "npm"`; of another window's, or no terminal at all, `started by hand`. */
function byHandWords({ terminal }: Server): string {
  return terminal === undefined ? "started by hand" : `started in terminal "${plainText(terminal)}"`;
}

/** `5173 is taken by node old.js` */
export function displacedWords({ port, by }: Displaced): string {
  return `${port} is taken by ${plainText(by)}`;
}

/** `waiting for api · 3 s` */
function beginningWords({ since, waitsFor }: Beginning, now: number): string {
  const what = waitsFor === undefined ? "starting" : `waiting for ${plainText(waitsFor)}`;
  return `${what} · ${steady(secondsSince(since, now))} s`;
}

/** How far a start is: `starting, port open, no answer yet · 12 s`. */
export function startingWords(state: Extract<SessionState, { kind: "starting" }>, now: number): string {
  const seconds = steady(secondsSince(state.since, now));
  if (state.asks !== undefined) return `starting, asks on its terminal · ${seconds} s`;
  const phase = phaseWords[state.phase];
  return now - state.since < slowStartMs
    ? `starting, ${phase} · ${seconds} s`
    : `slow to start (${seconds} s): ${phase}`;
}

/** From ten seconds on in steps of five: a row that is rendered anew under the pointer loses the click. */
function steady(seconds: number): number {
  return seconds < 10 ? seconds : seconds - (seconds % 5);
}

function restartingWords(
  { at, attempt }: Extract<SessionState, { kind: "restarting" }>,
  now: number,
): string {
  return `crashed, restarting in ${secondsSince(now, at)} s (${attempt} of ${mostRestarts})`;
}

function crashWords({ cause, place }: Extract<SessionState, { kind: "crashed" }>): string {
  if (cause === undefined) return "";
  return ` · ${plainText(cause)}${place === undefined ? "" : ` (${placeWords(place)})`}`;
}

/** A row as a screen reader says it, one sentence: `web, ready on port 3000, 1 build error`. */
export function serverSentence(server: Server, now: number): string {
  const { app, state } = server;
  const role = roleOf(server);
  if (role === "task") return `${app}, a task`;
  if (role === "external") return `${app}, runs elsewhere`;
  if (state.kind !== "ready") return `${app}, ${stateLine(server, now).replaceAll(" · ", ", ")}`;
  const instead = state.displaced ? [`because ${displacedWords(state.displaced)}`] : [];
  return [`${app}, ready on port ${state.port}`, ...instead, ...buildSentence(server)].join(", ");
}

function buildSentence(server: Server): readonly string[] {
  const { build, hosting } = server.session ?? {};
  const adopted = hosting === "adopted" ? [byHandWords(server)] : [];
  if (build?.status === "compiling") return [...adopted, "compiling"];
  if (build?.status !== "failed") return adopted;
  return [...adopted, build.errorCount === 1 ? "1 build error" : `${build.errorCount} build errors`];
}

function directoryOf({ session, summary, cwd }: Server): string {
  return session?.cwd ?? summary?.cwd ?? cwd;
}
