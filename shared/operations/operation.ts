import type * as z from "zod";

/** A palette command of the extension. */
export interface PaletteCommand {
  /** `devlatch.<name>`; the manifest is checked against it. */
  readonly id: `devlatch.${string}`;
  readonly title: string;
  /** Codicon name, without `$()`. */
  readonly icon?: string;
}

/**
 * Something a user can do, declared once. The command line's verb and help, the palette command and the agents'
 * tool follow from it.
 */
export interface Operation<A extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  readonly title: string;
  /** One sentence, for help and for agents. */
  readonly summary: string;
  /** Positional arguments of the command line, in order; a `command` array takes what follows `--`. */
  readonly args: A;
  /** Flags of the command line; `camelCase` here is `--kebab-case` there. */
  readonly options: O;
  readonly palette?: PaletteCommand;
  /** Name of the agents' tool, where agents may do this. */
  readonly tool?: string;
}

/** Keeps the precise types of an operation's schemas. */
export function operation<A extends z.ZodObject, O extends z.ZodObject>(
  declared: Operation<A, O>,
): Operation<A, O> {
  return declared;
}
