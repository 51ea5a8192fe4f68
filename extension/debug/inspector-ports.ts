import type { ThreadMessage } from "../../shared/model/thread.ts";

/** Where Node opens its inspector when nothing says otherwise. */
export const usualInspectorPort = 9229;

/** Lines in which Node says where it lets a debugger in, or that it can't: a pattern for `session/logs`. */
export const inspectorLines = "Debugger listening on ws://|Starting inspector on .* failed";

/** Whether a line says that another process has the port. */
export function isRefusal(line: string): boolean {
  return /Starting inspector on \S+ failed/.test(line);
}

/** No more are tried: what a server writes may name any number of them. */
const mostPorts = 5;

/**
 * Where a debugger may get into a Node process, the likeliest first.
 * @param command its command line
 * @param said lines of its output with `Debugger listening on ws://HOST:PORT/…`, in their order
 */
export function inspectorPorts(command: string, said: readonly Pick<ThreadMessage, "text">[]): number[] {
  const written = said.flatMap(({ text }) => portIn(text, /Debugger listening on ws:\/\/[^\s/]*:(\d+)\//));
  const flags = command.split(/\s+/).flatMap((word) => portIn(word, /^--inspect(?:-[a-z]+)?=(?:.*:)?(\d+)$/));
  const all = [...written.reverse(), ...flags, usualInspectorPort];
  return [...new Set(all)].filter((port) => port > 0 && port < 65_536).slice(0, mostPorts);
}

function portIn(text: string, pattern: RegExp): readonly number[] {
  const [, port] = pattern.exec(text) ?? [];
  return port === undefined ? [] : [Number(port)];
}
