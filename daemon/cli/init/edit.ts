/** What becomes of a file. */
export type Edit =
  /** Its text from now on: undefined where there is to be no file. The same text as before: nothing is to be done. */
  | { readonly kind: "text"; readonly text: string | undefined }
  /** It stays as it is. `why` follows its path in a sentence. */
  | { readonly kind: "left"; readonly why: string };

/** What init has in one file: how it is put in, and how it is taken out again. Pure. */
export interface FilePart {
  /** Relative to the repository or the home directory, with `/`; absolute where it can be elsewhere. */
  readonly path: string;
  /** Longest file that is read, in bytes, where that isn't the usual. */
  readonly maxBytes?: number;
  /** @param text the file's, without a byte order mark; undefined where there is none */
  put(text: string | undefined): Edit;
  take(text: string): Edit;
}

/** @param text see {@link Edit} */
export function became(text: string | undefined): Edit {
  return { kind: "text", text };
}

/** @param why follows the file's path in a sentence */
export function left(why: string): Edit {
  return { kind: "left", why };
}

/**
 * Two things of init's in one file: the second is put in after the first and taken out before it, so that each finds the
 * file as it left it. Where one can't be done the other is.
 */
export function together(first: FilePart, second: FilePart): FilePart {
  return {
    path: first.path,
    put: (text) => both(text, first.put, second.put),
    take: (text) => both(text, ifThere(second.take), ifThere(first.take)),
  };
}

type Step = (text: string | undefined) => Edit;

function ifThere(take: (text: string) => Edit): Step {
  return (text) => (text === undefined ? became(undefined) : take(text));
}

function both(text: string | undefined, one: Step, other: Step): Edit {
  const begun = one(text);
  const ended = other(begun.kind === "text" ? begun.text : text);
  if (begun.kind === "text") return ended.kind === "text" || begun.text === text ? ended : begun;
  return ended.kind === "text" && ended.text === text ? begun : ended;
}
