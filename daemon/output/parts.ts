import type { SourcePlace } from "../../shared/model/output.ts";
import { fileFrom } from "../../shared/model/source-place.ts";
import { isOwn } from "./places.ts";
import type { Signal } from "./signals.ts";

/** The packages of a workspace: by name the directory, from where the server runs. */
export type PackageDirectories = ReadonlyMap<string, string>;

/**
 * Where a part of the server works, from where the server itself does: pnpm names the directory (`packages/web dev`),
 * turbo the package (`@mono/web:dev`).
 * @returns undefined where that isn't known: then it is taken for the server's own
 */
export function directoryOf(source: string, packages: PackageDirectories): string | undefined {
  const [, directory] = /^(\S+) \S+$/.exec(source) ?? [];
  if (directory !== undefined) return directory;
  const colon = source.lastIndexOf(":");
  return colon === -1 ? undefined : packages.get(source.slice(0, colon));
}

/** What a part says, with the files it names as seen from where the server itself works. */
export function fromPart(signal: Signal, directory: string): Signal {
  switch (signal.kind) {
    case "error": {
      const { place, stack } = signal;
      const at = place ? { place: placeFrom(place, directory) } : {};
      return { ...signal, ...at, stack: stack.map((frame) => placeFrom(frame, directory)) };
    }
    case "warning":
      return signal.place ? { ...signal, place: placeFrom(signal.place, directory) } : signal;
    case "stack":
      return { ...signal, frames: signal.frames.map((frame) => placeFrom(frame, directory)) };
    default:
      return signal;
  }
}

function placeFrom<T extends SourcePlace>(place: T, directory: string): T {
  return isOwn(place) ? { ...place, file: fileFrom(directory, place.file) } : place;
}
