/** One argument or flag of an operation, as its schema declares it. */
export interface Field {
  /** Name in the operation's input, `camelCase`. */
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
  readonly kind: "boolean" | "integer" | "number" | "string" | "array";
  /** The one letter it may be given as. */
  readonly short?: string;
  /** The values an enumeration allows. */
  readonly choices?: readonly string[];
  /** What is accepted, in words: `a whole number from 1 to 65535`. */
  readonly wants: string;
}

/** `noWait` → `--no-wait` */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
