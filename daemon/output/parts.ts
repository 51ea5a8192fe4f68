import { isAbsolute, relative, sep } from "node:path";
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
  return withPlaces(signal, (place) =>
    isOwn(place) ? { ...place, file: fileFrom(directory, place.file) } : place,
  );
}

/** The same with its places below `root` told from there: some tools write whole paths, and the same error once so, once so. */
export function fromRoot(signal: Signal, root: string): Signal {
  return withPlaces(signal, (place) => {
    if (!isAbsolute(place.file)) return place;
    const file = relative(root, place.file);
    return file === "" || isAbsolute(file) || file.split(sep)[0] === ".." ? place : { ...place, file };
  });
}

function withPlaces(signal: Signal, change: <T extends SourcePlace>(place: T) => T): Signal {
  switch (signal.kind) {
    case "error": {
      const { place, stack } = signal;
      return { ...signal, ...(place ? { place: change(place) } : {}), stack: stack.map(change) };
    }
    case "warning":
      return signal.place ? { ...signal, place: change(signal.place) } : signal;
    case "stack":
      return { ...signal, frames: signal.frames.map(change) };
    default:
      return signal;
  }
}
