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
