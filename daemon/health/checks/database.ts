import { basename } from "node:path";
import { formatMs } from "../../../shared/base/deadline.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { Thresholds } from "../../../shared/model/health-thresholds.ts";
import type { Check, Observation, Reading } from "../check.ts";
import type {
  ExaminationRequest,
  ExaminationResult,
  Failure,
  FileExamination,
} from "../database/examination.ts";
import type { Timing } from "../timing.ts";

const deadlineMs = 10_000;
/** The daemon's first moments belong to the caller that started it, in milliseconds. */
const firstAfterMs = 3_000;
/** All pages of a sound file are read again after this long at most, in milliseconds; sooner where that is quick. */
const thoroughEveryMs = 60 * 60_000;
/** The largest share of the time that may go into reading all pages. */
const thoroughShare = 1 / 100;
const slowLooks = 3;

const busy = [5, 6];
const damaged = [11, 26];
const full = 13;
const readOnly = 8;
const unopened = 14;

export interface DatabaseSources {
  readonly files: readonly string[];
  readonly scratchFile: string;
  /** Looks at them in another process. @throws where that can't be started or fails */
  readonly examine: (request: ExaminationRequest, signal: AbortSignal) => Promise<ExaminationResult>;
  /** Does what can be done about a damaged file while the daemon runs. @returns what was done, in a sentence */
  readonly onDamaged: (file: string) => string | undefined;
  readonly thresholds: () => Thresholds;
  readonly clock: Timing;
}

/** The last thorough look at a file that found nothing. */
interface Sound {
  readonly at: number;
  readonly tookMs: number;
}

/** The local SQLite files: each must take a write and a read, and now and then every page is read. */
export function databaseCheck(sources: DatabaseSources): Check {
  const sound = new Map<string, Sound>();
  let hanging: Promise<unknown> | undefined;
  return {
    deadlineMs,
    firstAfterMs,
    look: async (signal) => {
      // A process that a dead disk holds can't be ended: there must not be more and more of them.
      if (hanging !== undefined) throw stillHanging();
      const now = sources.clock.monotonic();
      const files = sources.files.map((file) => ({ file, thorough: isDue(sound.get(file), now) }));
      const examining = sources.examine({ files, scratchFile: sources.scratchFile }, signal);
      hanging = examining.finally(() => {
        hanging = undefined;
      });
      hanging.catch(() => {});
      const found = await examining;
      for (const file of found.files) remember(sound, file, now);
      return observe(found, sources);
    },
  };
}

function stillHanging(): DevlatchError {
  return new DevlatchError(
    "DEADLINE",
    "an earlier look at the databases hasn't ended yet. The disk may not answer.",
    "Check the disk of Devlatch's home.",
  );
}

function isDue(sound: Sound | undefined, now: number): boolean {
  if (sound === undefined) return true;
  return now - sound.at >= Math.min(thoroughEveryMs, sound.tookMs / thoroughShare);
}

/** After anything but a sound file all its pages are read next time. */
function remember(sound: Map<string, Sound>, found: FileExamination, at: number): void {
  if (found.kind !== "sound") sound.delete(found.file);
  else if (found.thoroughMs !== undefined) sound.set(found.file, { at, tookMs: found.thoroughMs });
}

function observe({ files, scratchError }: ExaminationResult, sources: DatabaseSources): Observation {
  const there = files.filter(({ kind }) => kind !== "missing");
  const roundTrips = files.flatMap((found) => (found.kind === "sound" ? [found.roundTripMs] : []));
  const slowest = Math.max(0, ...roundTrips);
  return {
    readings: [
      ...scratchReading(scratchError),
      ...there.map((found) => readingOf(found, sources, scratchError)),
    ],
    fine: `${there.map(({ file }) => basename(file)).join(", ") || "Nothing yet"}: a write and a read take ${formatMs(slowest)}`,
    values: { roundTripMs: slowest },
    latencyMs: slowest,
  };
}

function scratchReading(code: string | undefined): Reading[] {
  if (code === undefined) return [];
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  const words = isFull
    ? "The disk of Devlatch's home is full: nothing can be written. Make room; what was held back is written then."
    : `Nothing can be written to Devlatch's home (${code}). Check that it exists and is yours.`;
  return [{ kind: "fact", id: "home", status: "critical", words }];
}

function readingOf(
  found: FileExamination,
  sources: DatabaseSources,
  scratchError: string | undefined,
): Reading {
  const id = `file:${basename(found.file)}`;
  if (found.kind === "failed") {
    const words = wordsOf(found.file, found.failure, sources, scratchError);
    return { kind: "fact", id, status: "critical", words };
  }
  const { databaseMs, confirmMs } = sources.thresholds();
  const value = found.kind === "sound" ? found.roundTripMs : 0;
  return {
    kind: "measure",
    id,
    words: `${basename(found.file)} takes ${formatMs(value)} for a write and a read`,
    value,
    threshold: databaseMs,
    unit: "ms",
    margin: databaseMs.warning / 4,
    steadiness: { looks: slowLooks, ms: confirmMs },
  };
}

function wordsOf(
  file: string,
  { code, message }: Failure,
  { onDamaged }: DatabaseSources,
  scratchError: string | undefined,
): string {
  const name = basename(file);
  if (damaged.includes(code)) {
    const done = onDamaged(file) ?? "Restart the daemon (devlatch daemon stop): it sets the file aside.";
    return `${name} is damaged (${message}). ${done}`;
  }
  if (busy.includes(code)) return `${name} is locked by another program (${message}). Close that program.`;
  if (code === full || scratchError !== undefined)
    return `${name} can't be written, for the disk is full (${message}). Make room.`;
  if (code === readOnly) return `${name} is read-only (${message}). Allow writing to it.`;
  if (code === unopened) return `${name} can't be opened (${message}). Check that it is yours.`;
  return `${name} can't be used: ${message}. Check the disk.`;
}
