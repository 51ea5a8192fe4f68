import { homedir } from "node:os";
import { relative, sep } from "node:path";
import { formatMs } from "../../../shared/base/deadline.ts";
import { buildWords } from "../../../shared/model/build-words.ts";
import type { Listener, PortClient, ProcessView } from "../../../shared/model/process.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import { type Paint, printable, shorten } from "./style.ts";
import { table } from "./table.ts";

/** Longest command line shown in a table, in characters. */
const longestCommand = 70;

/** A path with the user's own directory as `~`. */
export function shortPath(path: string): string {
  const home = homedir();
  if (path === home) return "~";
  return path.startsWith(home + sep) ? `~${sep}${relative(home, path)}` : path;
}

/** A path as a word for a shell: quoted where it has to be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** How long ago `time` (ms since the epoch) was. */
export function since(time: number, now: number): string {
  const ms = Math.max(0, now - time);
  if (ms < 120_000) return formatMs(Math.round(ms / 1000) * 1000 || ms);
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}

/** Processes as a person recognises them: pid, command, directory and user. */
export function processTable(processes: readonly ProcessView[], paint: Paint): string {
  return table(["PID", "COMMAND", "DIRECTORY", "USER"], processes.map(processRow), paint);
}

function processRow({ pid, command, cwd, user }: ProcessView): string[] {
  return [
    String(pid),
    shorten(printable(command) || "?", longestCommand),
    cwd === undefined ? "?" : printable(shortPath(cwd)),
    printable(user ?? "?"),
  ];
}

/** Who listens on a port; a process that listens on several addresses has one line. */
export function listenerTable(listeners: readonly Listener[], paint: Paint): string {
  const rows = [...Map.groupBy(listeners, ({ pid }) => pid).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const addresses = [...new Set(group.map(({ address }) => address))].join(", ");
    return [[...processRow(first), addresses, first.session ?? "-"]];
  });
  return table(["PID", "COMMAND", "DIRECTORY", "USER", "ADDRESS", "SESSION"], rows, paint);
}

/** Who is connected to a port, and how often. */
export function clientTable(clients: readonly PortClient[], paint: Paint): string {
  const rows = clients.map((client) => [
    ...processRow(client),
    String(client.connections),
    client.session ?? "-",
  ]);
  return table(["PID", "COMMAND", "DIRECTORY", "USER", "CONNECTIONS", "SESSION"], rows, paint);
}

/** A session's state in a few words. */
export function stateWords({ state, hosting, build }: SessionView): string {
  switch (state.kind) {
    case "starting":
      return state.asks === undefined ? `starting (${state.phase})` : "starting, asks on its terminal";
    case "ready": {
      const words = build && buildWords(build);
      if (words !== undefined) return `ready, ${words}`;
      return hosting === "adopted" ? "ready (adopted)" : "ready";
    }
    case "crashed":
      return "crashed, waiting for a change";
    case "failed":
      return `failed (${state.error.code})`;
    case "restarting":
      return `ended, restart ${state.attempt} follows`;
    case "stopped":
    case "stopping":
      return state.kind;
  }
}

/** Colour of a session's state. */
export function stateColour({ state: { kind }, build }: SessionView): "green" | "yellow" | "red" | "dim" {
  if (kind === "ready") return build?.status === "failed" ? "red" : "green";
  if (kind === "failed" || kind === "crashed") return "red";
  return kind === "stopped" ? "dim" : "yellow";
}
