const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000 };

/** `90s`, `30m`, `1.5h` or `2d` in milliseconds, as an operation's schema has let it through. */
export function durationMs(text: string): number {
  return Number.parseFloat(text) * (units[text.at(-1) ?? ""] ?? 0);
}

/** Seconds, as people give them, in milliseconds, as the protocol has them; undefined for undefined. */
export function secondsMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
