import { DevlatchError } from "../base/errors.ts";
import { durationMs } from "./duration.ts";

const ago = /^\d+(?:\.\d+)?[smhd]$/;
const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/**
 * A moment as people write it: `10m` (that long ago; s, m, h, d), `14:30` (the last time it was so late here), or a
 * date with or without time (`2026-03-01`, `2026-03-01T14:30`, local unless it says otherwise).
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch; undefined for undefined
 * @throws DevlatchError `INVALID_INPUT` that names the flag
 */
export function momentOf(flag: "since" | "until", text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (ago.test(text)) return now - durationMs(text);
  const [, hours, minutes, seconds = "0"] = clock.exec(text) ?? [];
  if (hours !== undefined) return lastTime(now, Number(hours), Number(minutes), Number(seconds));
  // A date alone would be taken for UTC.
  const time = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(time)) return time;
  throw new DevlatchError(
    "INVALID_INPUT",
    `--${flag} wants a moment; got ${JSON.stringify(text)}.`,
    "Say how long ago (30s, 10m, 2h, 1d), a time of day (14:30) or a date (2026-03-01T14:30).",
    { data: { field: flag, value: text } },
  );
}

function lastTime(now: number, hours: number, minutes: number, seconds: number): number {
  const time = new Date(now).setHours(hours, minutes, seconds, 0);
  return time <= now ? time : new Date(time).setDate(new Date(time).getDate() - 1);
}
