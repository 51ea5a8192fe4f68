import { type Document, readDocument } from "./document.ts";
import type { Edit, FilePart } from "./edit.ts";
import { placeOf } from "./place.ts";

/** A file that is to become another. */
export interface Change {
  /** As the reader knows it: relative to the repository or the home directory. */
  readonly path: string;
  /** Real path. */
  readonly file: string;
  /** See {@link FilePart.maxBytes}. */
  readonly maxBytes: number | undefined;
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
  const plan = { changes: [] as Change[], left: [] as Left[], done: [] as string[] };
  const files = new Set<string>();
  for (const part of parts) {
    const { path } = part;
    const place = placeOf(base, path);
    if (place.kind === "refused") {
      // Nothing was put in there either.
      if (direction === "put") plan.left.push({ path, why: place.why });
      continue;
    }
    // A link to a file of another part has what that part has.
    if (files.has(place.file)) continue;
    files.add(place.file);
    const found = await decide(part, place.file, direction);
    if ("why" in found) plan.left.push(found);
    else if (found.after !== found.before?.text) plan.changes.push(found);
    else if (found.before !== undefined) plan.done.push(path);
  }
  return plan;
}

async function decide(part: FilePart, file: string, direction: Direction): Promise<Change | Left> {
  const { path, maxBytes } = part;
  const found = await readDocument(file, maxBytes);
  if (found.kind === "unreadable") return { path, why: found.why };
  const before = found.kind === "document" ? found.document : undefined;
  const edit = editOf(part, before?.text, direction);
  return edit.kind === "left" ? { path, why: edit.why } : { path, file, maxBytes, before, after: edit.text };
}

function editOf(part: FilePart, text: string | undefined, direction: Direction): Edit {
  if (direction === "put") return part.put(text);
  return text === undefined ? { kind: "text", text } : part.take(text);
}
