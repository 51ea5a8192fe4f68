import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The directory of a session or run. */
export interface Place {
  readonly sandboxId: string;
  /** Its name there: the session's, or `run_<digest>`. */
  readonly name: string;
  readonly directory: string;
}

/** Every directory of a session or run in a home. */
export function placesIn(sessionsDirectory: string): readonly Place[] {
  return namesIn(sessionsDirectory).flatMap((sandboxId) =>
    namesIn(join(sessionsDirectory, sandboxId)).map((name) => ({
      sandboxId,
      name,
      directory: join(sessionsDirectory, sandboxId, name),
    })),
  );
}

function namesIn(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    // It is just being removed, or there never was a session.
    return [];
  }
}
