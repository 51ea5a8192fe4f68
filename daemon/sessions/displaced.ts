import { containerWords } from "../../shared/model/container.ts";
import type { HiddenListener, Listener } from "../../shared/model/process.ts";
import { hiddenWords, serverWords, shortCommand } from "../../shared/model/process-words.ts";
import { longestName, type SessionRecord, type SessionState } from "../../shared/model/session.ts";
import type { Processes } from "../processes/processes.ts";
import { listenersOn } from "./ports.ts";
import type { SessionTree } from "./trees.ts";

/** The port that a server would have had, and who has that. */
export type Displaced = NonNullable<Extract<SessionState, { kind: "ready" }>["displaced"]>;

type Looks = Pick<Processes, "listeners" | "hiddenListeners">;

/** Frameworks count up from their own port to a free one; a server further away means another one by itself. */
const countedUp = 20;

/**
 * Who has the port that a server would have had, where it listens on another.
 * @param port where it listens
 * @param trees of all live sessions
 * @returns undefined where it listens as it was to, or no one has that port
 */
export async function displacedFrom(
  record: SessionRecord,
  port: number,
  processes: Processes,
  trees: readonly SessionTree[],
): Promise<Displaced | undefined> {
  const wished = wishedPort(record, port);
  if (wished === undefined) return undefined;
  const found = await listenersOn(processes, wished, trees);
  const others = found.filter(({ server }) => server?.app !== record.app || server.root !== record.root);
  const by = nameOf(others[0], found.length > 0 ? [] : await processes.hiddenListeners(wished));
  return by === undefined ? undefined : { port: wished, by };
}

/** Whether any process has that port still. */
export async function isTaken({ port }: Displaced, processes: Looks): Promise<boolean> {
  if ((await processes.listeners(port)).length > 0) return true;
  return (await processes.hiddenListeners(port)).length > 0;
}

/** A guess is no wish: only a framework that counts up from it would have had it. */
function wishedPort(
  { settings: { wish, told }, framework }: SessionRecord,
  port: number,
): number | undefined {
  if (wish === undefined || wish.port === port) return undefined;
  const counted = framework !== undefined && port > wish.port && port <= wish.port + countedUp;
  return wish.origin !== "guessed" || told === true || counted ? wish.port : undefined;
}

function nameOf(listener: Listener | undefined, hidden: readonly HiddenListener[]): string | undefined {
  if (listener === undefined)
    return hidden.length === 0 ? undefined : hiddenWords(hidden).slice(0, longestName);
  const { server, container, command } = listener;
  if (server) return serverWords(server).slice(0, longestName);
  return container
    ? containerWords(container).slice(0, longestName)
    : shortCommand(programFirst(command), longestName);
}

/** `/usr/bin/node old.js` → `node old.js` */
function programFirst(command: string): string {
  return command.replace(/^\/(?:[^\s/]+\/)+(?=[^\s/])/, "");
}
