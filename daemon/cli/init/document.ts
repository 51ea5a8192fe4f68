import { readRegularFile } from "../../../shared/base/regular-file.ts";

const mark = "\u{feff}";

/** A text file as it is, so that it can be written again byte for byte. */
export interface Document {
  readonly bytes: Uint8Array;
  /** Without a byte order mark. */
  readonly text: string;
  /** The byte order mark, or nothing. */
  readonly mark: string;
}

export type ReadDocument =
  | { readonly kind: "document"; readonly document: Document }
  | { readonly kind: "missing" }
  /** `why` follows the path in a sentence. */
  | { readonly kind: "unreadable"; readonly why: string };

/** Reads a UTF-8 file. Never rejects. @param maxBytes a longer one is refused; 1 MB unless told */
export async function readDocument(file: string, maxBytes?: number): Promise<ReadDocument> {
  try {
    const found = await readRegularFile(file, maxBytes);
    return found.kind === "bytes" ? decode(found.bytes) : unreadable(`${found.what}. ${found.remedy}`);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return { kind: "missing" };
    return unreadable(`can't be read (${error instanceof Error ? error.message : String(error)})`);
  }
}

function decode(bytes: Uint8Array): ReadDocument {
  try {
    const whole = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const text = whole.startsWith(mark) ? whole.slice(mark.length) : whole;
    return { kind: "document", document: { bytes, text, mark: whole.slice(0, whole.length - text.length) } };
  } catch {
    return unreadable("isn't UTF-8");
  }
}

function unreadable(why: string): ReadDocument {
  return { kind: "unreadable", why };
}
