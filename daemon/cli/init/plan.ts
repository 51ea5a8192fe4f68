import { type Document, readDocument } from "./document.ts";
import type { Edit, FilePart } from "./edit.ts";
import { placeOf } from "./place.ts";

/** A file that is to become another. */
export interface Change {
  /** As the reader knows it: relative to the repository or the home directory. */
  readonly path: string;
  /** Real path. */
  readonly file: string;
  /** What is there; undefined where there is no file yet. */
  readonly before: Document | undefined;
  /** Its text from now on, without a byte order mark; undefined where the file goes. */
  readonly after: string | undefined;
}

/** A file that stays as it is although something is to be said about it. */
export interface Left {
  readonly path: string;
  /** Follows the path in a sentence. */
  readonly why: string;
}

export interface Plan {
  readonly changes: readonly Change[];
  readonly left: readonly Left[];
  /** Files that are as they should be. */
  readonly done: readonly string[];
}

/** What is to be done with a file: put in what init has there, or take it out. */
export type Direction = "put" | "take";

/**
 * Looks at each file and decides what becomes of it. Writes nothing.
 * @param base real path of the repository, or of the home directory
 */
export async function planChanges(
  base: string,
  parts: readonly FilePart[],
  direction: Direction,
): Promise<Plan> {
  const changes: Change[] = [];
  const left: Left[] = [];
  const done: string[] = [];
  const files = new Set<string>();
  for (const part of parts) {
    const { path } = part;
    const place = placeOf(base, path);
    // A link to a file of another part has what that part has.
    if (place.kind === "place" && files.has(place.file)) continue;
    const found = place.kind === "place" ? await readDocument(place.file) : undefined;
    const before = found?.kind === "document" ? found.document : undefined;
    const why = place.kind === "refused" ? place.why : found?.kind === "unreadable" ? found.why : undefined;
    if (place.kind === "refused" || why !== undefined) {
      if (direction === "put" || place.kind === "place") left.push({ path, why: why ?? "" });
      continue;
    }
    files.add(place.file);
    const edit = editOf(part, before?.text, direction);
    if (edit.kind === "left") left.push({ path, why: edit.why });
    else if (edit.text !== before?.text) changes.push({ path, file: place.file, before, after: edit.text });
    else if (before !== undefined) done.push(path);
  }
  return { changes, left, done };
}

function editOf(part: FilePart, text: string | undefined, direction: Direction): Edit {
  if (direction === "put") return part.put(text);
  return text === undefined ? { kind: "text", text } : part.take(text);
}
