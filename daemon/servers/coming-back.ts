import type { SessionRecord } from "../../shared/model/session.ts";
import type { Heard } from "../output/builds.ts";
import { isOutdated } from "./outdated-errors.ts";

/** How long a program that was started again after a crash may take to listen, in milliseconds. */
const listensMs = 10_000;

/** How long what watches a crashed program may take to see that its files were mended, in milliseconds. */
export const mendedMs = 6_000;

/** Whether all files that a crashed server had errors in were changed since. */
export async function isMended(
  { settings }: Pick<SessionRecord, "settings">,
  heard: Pick<Heard, "build"> | undefined,
): Promise<boolean> {
  return heard !== undefined && (await isOutdated(heard.build, settings.cwd));
}

/**
 * How long a crashed server may still take to come back by itself, in milliseconds: its output tells of a build since the
 * crash that goes on or went well, so that what watches it starts it again. 0 where nothing does.
 * @param now milliseconds since the epoch
 */
export function comesBackMs(
  { state }: Pick<SessionRecord, "state">,
  heard: Pick<Heard, "build"> | undefined,
  now: number,
): number {
  if (state.kind !== "crashed" || heard === undefined) return 0;
  const { status, since } = heard.build;
  if (status === "compiling") return Number.POSITIVE_INFINITY;
  return status === "clean" && since > state.since ? Math.max(0, since + listensMs - now) : 0;
}
