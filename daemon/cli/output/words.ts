import { homedir } from "node:os";
import { relative, sep } from "node:path";
import type { Listener, PortClient, ProcessView } from "../../../shared/model/process.ts";
import { serverWords } from "../../../shared/model/process-words.ts";
import { type Paint, printable } from "./style.ts";
import { table } from "./table.ts";

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

/** Processes as a person recognises them: pid, command, directory and user. */
export function processTable(processes: readonly ProcessView[], paint: Paint): string {
  return table(["PID", "COMMAND", "DIRECTORY", "USER"], processes.map(processRow), paint);
}

function processRow({ pid, command, cwd, user }: ProcessView): string[] {
  return [
    String(pid),
    printable(command) || "?",
    cwd === undefined ? "?" : printable(shortPath(cwd)),
    printable(user ?? "?"),
  ];
}

/** The server of Devlatch's that a process belongs to: `web of shop`. */
function serverOf({ server }: Pick<Listener, "server">): string {
  return server === undefined ? "-" : printable(serverWords(server));
}

/** Who listens on a port; a process that listens on several addresses has one line. */
export function listenerTable(listeners: readonly Listener[], paint: Paint): string {
  const rows = [...Map.groupBy(listeners, ({ pid }) => pid).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const addresses = [...new Set(group.map(({ address }) => address))].join(", ");
    return [[...processRow(first), addresses, serverOf(first)]];
  });
  return table(["PID", "COMMAND", "DIRECTORY", "USER", "ADDRESS", "SERVER"], rows, paint);
}

/** Who is connected to a port, and how often. */
export function clientTable(clients: readonly PortClient[], paint: Paint): string {
  const rows = clients.map((client) => [...processRow(client), String(client.connections), serverOf(client)]);
  return table(["PID", "COMMAND", "DIRECTORY", "USER", "CONNECTIONS", "SERVER"], rows, paint);
}
