import { createHash, randomBytes } from "node:crypto";

/** Salt and digest, in hexadecimal digits: 64 and 24 bits. */
const pattern = /^#[0-9a-f]{16}\.[0-9a-f]{6}$/;

/**
 * What is written down of a value that may be a secret, so that another daemon, also on another machine, can compare it.
 * Salted, so that equal values don't show as equal; and short: it tells values apart well enough for comparing, while many
 * guesses fit it, so that a weak secret can't be read off it with certainty.
 */
export function valueDigest(name: string, value: string, salt = randomBytes(8).toString("hex")): string {
  const hash = createHash("sha256").update(`${salt}\n${name}=${value}`).digest("hex");
  return `#${salt}.${hash.slice(0, 6)}`;
}

/** The same of all variables. */
export function valueDigests(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, valueDigest(name, value)]));
}

/** Whether what was written down is of this value. @param written a digest, or in records of earlier builds the value */
export function isDigestOf(written: string | undefined, name: string, value: string | undefined): boolean {
  if (written === undefined || value === undefined) return written === value;
  return (
    written === value || (pattern.test(written) && written === valueDigest(name, value, written.slice(1, 17)))
  );
}

/** Names of the variables whose values aren't those that digests were written of. */
export function differingVariables(
  written: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): readonly string[] {
  const names = [...new Set([...Object.keys(written), ...Object.keys(values)])];
  return names.filter((name) => !isDigestOf(written[name], name, values[name]));
}
