/** Where a port stands in an argv: the positions it takes up, and how to write another one there. */
export interface PortFlag {
  readonly port: number | undefined;
  /** As it is written there: also `$PORT`. */
  readonly value: string;
  readonly start: number;
  readonly count: number;
  /** The arguments that set another port in the same way. */
  readonly write: (port: number) => readonly string[];
}

/**
 * The last port flag from `from` on, in any of its spellings: `--port 4000`, `--port=4000`, `-p 4000`, `-p4000`.
 * A flag whose value isn't a port (`npm exec -p next`) is another flag of the same name.
 */
export function findPortFlag(
  argv: readonly string[],
  flags: readonly string[],
  from = 0,
): PortFlag | undefined {
  let found: PortFlag | undefined;
  for (let at = from; at < argv.length; at++) found = readPortFlag(argv, at, flags) ?? found;
  return found;
}

function readPortFlag(argv: readonly string[], at: number, flags: readonly string[]): PortFlag | undefined {
  const arg = argv[at] ?? "";
  for (const flag of flags) {
    const next = argv[at + 1];
    if (arg === flag && next !== undefined && isPortValue(next))
      return { port: parsePort(next), value: next, start: at, count: 2, write: (port) => [flag, `${port}`] };
    const joined = arg.startsWith(`${flag}=`) ? arg.slice(flag.length + 1) : undefined;
    if (joined !== undefined && isPortValue(joined))
      return {
        port: parsePort(joined),
        value: joined,
        start: at,
        count: 1,
        write: (port) => [`${flag}=${port}`],
      };
    if (flag.length === 2 && /^\d+$/.test(arg.slice(2)) && arg.startsWith(flag))
      return {
        port: parsePort(arg.slice(2)),
        value: arg.slice(2),
        start: at,
        count: 1,
        write: (port) => [`${flag}${port}`],
      };
  }
  return undefined;
}

function isPortValue(text: string): boolean {
  return /^\d+$/.test(text) || /^[$%{]/.test(text);
}

/** A port from text: a number from 1 to 65535, or the default in `${PORT:-4000}`. */
export function parsePort(text: string | undefined): number | undefined {
  const digits = /^(?:\$\{\w+:?-(\d{1,5})\}|(\d{1,5}))$/.exec(text ?? "");
  const port = Number(digits?.[1] ?? digits?.[2] ?? Number.NaN);
  return port >= 1 && port <= 65535 ? port : undefined;
}

/**
 * A port as a command line has it: a number, `$PORT`, `${PORT:-4000}` or `%PORT%`, by the variables set on the way there.
 */
export function portOf(text: string | undefined, env: Readonly<Record<string, string>>): number | undefined {
  const name = /^(?:\$(\w+)|\$\{(\w+)[:}]|%(\w+)%$)/.exec(text ?? "");
  const value = env[name?.[1] ?? name?.[2] ?? name?.[3] ?? ""];
  return parsePort(value ?? text);
}
