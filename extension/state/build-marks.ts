import { resolve } from "node:path";
import type { SourcePlace } from "../../shared/model/output.ts";
import { fileFrom } from "../../shared/model/source-place.ts";
import { type Server, serversOf } from "./servers.ts";
import type { WindowState } from "./window-state.ts";

/** An error of a server's build, at its place in a file. */
export interface BuildMark {
  /** Absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; absent where the whole line is meant. */
  readonly column?: number;
  readonly message: string;
  readonly app: string;
}

/** The errors of this window's servers that name a line of a file; none while the daemon is away. */
export function buildMarks(state: WindowState): readonly BuildMark[] {
  if (state.link.kind !== "connected") return [];
  return serversOf(state).flatMap((server) => {
    const errors = server.session?.build?.errors ?? [];
    return errors.flatMap(({ message, place }) => {
      if (place?.line === undefined) return [];
      const { line, column } = place;
      const at = column === undefined ? { line } : { line, column };
      return [{ file: fileOf(place, server), ...at, message, app: server.app }];
    });
  });
}

/**
 * Where a file is that a server named: relative names begin in its own directory.
 * @param line the line that names it, as its terminal shows it: a part of the server may work elsewhere
 */
export function fileOf({ file }: SourcePlace, { session, summary, cwd }: Server, line = ""): string {
  const parts = Object.entries(session?.build?.directories ?? {});
  const [, directory] = parts.find(([source]) => line.startsWith(`${source}:`)) ?? [];
  const named = directory === undefined ? file : fileFrom(directory, file);
  return resolve(session?.cwd ?? summary?.cwd ?? cwd, named);
}
