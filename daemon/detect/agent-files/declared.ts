import * as z from "zod";
import { splitCommandLine } from "../shell-list.ts";

/** A server that a file of an agent's names. */
export interface DeclaredApp {
  /** As the file has it; undefined where it names none. */
  readonly name: string | undefined;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Relative to the root. */
  readonly cwd?: string;
  readonly port?: number;
  /** Whether it counts only if its command is known to start a server: the file has other commands, too. */
  readonly isUnsure?: boolean;
}

/** What a file of an agent's says of a project. */
export interface Declared {
  readonly apps?: readonly DeclaredApp[];
  /** What it does in a new checkout, and before one goes: lines for a shell. */
  readonly setup?: string;
  readonly teardown?: string;
}

/** A format that an agent has for its own use. Its reader takes what is parsed, whatever that is, and runs nothing. */
export interface AgentFile {
  /** Relative to the project's root. */
  readonly path: string;
  readonly format: "json" | "toml";
  read(value: unknown): Declared;
}

/** As many servers and lines of one file are looked at. */
export const mostDeclared = 50;

/** A text of a file; longer ones are no command, name or path. */
export const Line = z.string().min(1).max(4_000);
/** One line for a shell, or several that follow each other. */
const Lines = z.union([Line, z.array(Line).max(mostDeclared)]);

/** @param value one line for a shell or several; undefined where it is something else */
export function linesOf(value: unknown): string | undefined {
  const read = Lines.safeParse(value);
  const text = read.success ? [read.data].flat().join("\n").trim() : "";
  return text === "" ? undefined : text;
}

/** A line for a shell as a command: in words where that is the same. */
export function commandOf(line: string): Pick<DeclaredApp, "command" | "env"> {
  const split = splitCommandLine(line);
  return split.kind === "words"
    ? { command: split.words, env: split.env }
    : { command: ["sh", "-c", line], env: {} };
}

/** What the file is parsed to, if it is an object of this kind. */
export function part<S extends z.ZodType>(schema: S, value: unknown): z.output<S> | undefined {
  const read = schema.safeParse(value);
  return read.success ? read.data : undefined;
}

/** The same without what isn't there. */
export function declared(found: {
  readonly apps?: readonly DeclaredApp[] | undefined;
  readonly setup?: string | undefined;
  readonly teardown?: string | undefined;
}): Declared {
  const { apps, setup, teardown } = found;
  return {
    ...(apps === undefined ? {} : { apps }),
    ...(setup === undefined ? {} : { setup }),
    ...(teardown === undefined ? {} : { teardown }),
  };
}
