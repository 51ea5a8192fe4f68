import type { DevlatchError } from "../../shared/base/errors.ts";
import { readRegularFile } from "../../shared/base/regular-file.ts";
import { invalidFile } from "./problem.ts";

export type TextFile =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly problem: DevlatchError };

/**
 * Reads a file of the workspace as UTF-8, without a byte order mark: a regular one of at most 1 MB. Never rejects.
 */
export async function readTextFile(file: string): Promise<TextFile> {
  try {
    const found = await readRegularFile(file);
    return found.kind === "bytes" ? decode(file, found.bytes) : unreadable(file, found.what, found.remedy);
  } catch (error) {
    return failed(file, error);
  }
}

function decode(file: string, bytes: Uint8Array): TextFile {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return unreadable(file, "is stored as UTF-16", "Save it as UTF-8.");
  }
  try {
    // TextDecoder leaves a UTF-8 byte order mark out, so columns count as an editor shows them.
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return unreadable(file, "isn't valid UTF-8", "Save it as UTF-8.");
  }
}

function failed(file: string, error: unknown): TextFile {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return { kind: "missing" };
    case "EACCES":
    case "EPERM":
      return unreadable(file, "can't be read: permission denied", "Make it readable for your user.");
    default:
      return unreadable(file, `can't be read (${code || String(error)})`, "Check the file and its disk.");
  }
}

function unreadable(file: string, what: string, remedy: string): TextFile {
  return { kind: "unreadable", problem: invalidFile(file, what, remedy) };
}
