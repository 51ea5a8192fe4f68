import { hostname } from "node:os";
import { plainText } from "../../shared/base/plain-text.ts";
import { shellWord } from "../../shared/base/shell-word.ts";
import type { HolderView } from "../../shared/model/holder.ts";
import type { SessionView, StartedBy } from "../../shared/model/session.ts";
import { othersWords } from "../../shared/model/who-words.ts";
import type { Target } from "../../shared/protocol/targets.ts";

/** A server that a command line would start, and what there is of it. */
export interface Start {
  readonly app: string;
  readonly session?: SessionView;
  /** Where `devlatch` has to be told of it; undefined where the agent stands. */
  readonly directory?: string;
}

/** Most servers that one refusal tells of. */
const mostTold = 5;
const passOn = "If this very command is wanted all the same, a person can run it in a terminal of their own.";

/** What an agent is told that would start servers: their addresses, or the command to use. */
export function startRefusal(starts: readonly Start[]): string {
  const told = starts.slice(0, mostTold).map((start) => startWords(start));
  return [...told, "Run the rest of the command line without it.", passOn].join(" ");
}

function startWords({ app, session, directory }: Start): string {
  const at = directory === undefined ? "" : ` --cwd ${shellWord(plainText(directory))}`;
  const command = (verb: string) => `devlatch ${verb} ${app}${at}`;
  const who = session && starterOf(session.startedBy);
  const by = who === undefined ? "" : `, started by ${who}`;
  switch (session?.state.kind) {
    case "ready":
      return `${app} runs already, at ${session.state.url}${by}: use that one. What it writes: ${command("logs")}. Whether an edit is built, and its errors: ${command("wait")}. To have it anew: ${command("restart")}.`;
    case "starting":
    case "restarting":
      return `${app} is being started already${by}. To wait for it and get its address: ${command("start")}.`;
    case "crashed":
      return `${app} runs already${by}, and has crashed: its watcher starts it again when its files change. What it wrote: ${command("logs")}. To have it anew: ${command("restart")}.`;
    default:
      return `The server of ${app} is started through Devlatch, so that all share one. Run: ${command("start")} (it answers with the address once the server does, and the server goes on without it).`;
  }
}

/**
 * What an agent is told that would end servers which aren't its alone.
 * @param targets those that would be hit
 * @param daemon whether Devlatch's daemon would be, too
 */
export function killRefusal(targets: readonly Target[], daemon: boolean): string {
  const told = targets.slice(0, mostTold).map(targetWords);
  const more = targets.length > mostTold ? [`So would ${targets.length - mostTold} other servers.`] : [];
  const itself = daemon
    ? [
        "This would end Devlatch's daemon, which all servers here are seen through; to stop it: devlatch daemon stop.",
      ]
    : [];
  return [...told, ...more, ...itself, passOn].join(" ");
}

function targetWords({ app, cwd, url, command, startedBy, holders, byHand }: Target): string {
  const at = url === null ? "" : ` at ${url}`;
  const starter = byHand ? `by hand (${plainText(command)})` : starterOf(startedBy);
  const by = starter === undefined ? "" : `, started ${byHand ? starter : `by ${starter}`}`;
  const users = othersWords(holders, undefined);
  const used = users === undefined ? "" : ` It is used by ${users}.`;
  const ask = `devlatch stop ${app} --cwd ${shellWord(plainText(cwd))}`;
  return `This would end ${app}${at} in ${plainText(cwd)}${by}.${used} Ask with: ${ask} (it stops what no one else uses, else says whose consent is needed; --yes is a person's to give).`;
}

/** The one who had it started, as a holder is called. */
function starterOf(by: StartedBy | undefined): string | undefined {
  if (by === undefined) return undefined;
  const holder: HolderView = { ...by, since: 0, machine: hostname() };
  return othersWords([holder], undefined);
}
