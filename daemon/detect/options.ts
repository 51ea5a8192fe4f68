/** Arguments of a program, told apart as far as its value-taking options are known. */
export interface ScannedOptions {
  readonly positionals: readonly string[];
  /** Values by option as written, e.g. `--filter`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly flags: ReadonlySet<string>;
  /** What follows where the scan ended: after `--`, or after the last positional asked for. */
  readonly rest: readonly string[];
  /** Whether a `--` ended it. */
  readonly dashes: boolean;
}

/**
 * Reads options up to `--` or until `limit` positionals were seen.
 * @param valueOptions the options that take the next argument as their value
 */
export function scanOptions(
  args: readonly string[],
  valueOptions: readonly string[],
  limit = Number.POSITIVE_INFINITY,
): ScannedOptions {
  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  const flags = new Set<string>();
  let at = 0;
  let dashes = false;
  while (at < args.length && positionals.length < limit && !dashes) {
    const arg = args[at] ?? "";
    at += 1;
    const equals = /^(--?[^=]+)=(.*)$/s.exec(arg);
    if (arg === "--") dashes = true;
    else if (equals !== null) append(values, equals[1] ?? "", equals[2] ?? "");
    else if (valueOptions.includes(arg)) {
      append(values, arg, args[at] ?? "");
      at += 1;
    } else if (arg.startsWith("-")) flags.add(arg);
    else positionals.push(arg);
  }
  return { positionals, values, flags, rest: args.slice(at), dashes };
}

/** The values of an option under any of its names. */
export function valuesOf(scan: ScannedOptions, ...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => scan.values.get(name) ?? []);
}

function append(values: Map<string, string[]>, name: string, value: string): void {
  values.set(name, [...(values.get(name) ?? []), value]);
}
