import { sep } from "node:path";

/**
 * Whether an absolute path is a directory's own, or one below it; by the names alone.
 * @param windows whether names are compared as Windows does: this system's way unless told
 */
export function isWithin(path: string, directory: string, windows = sep === "\\"): boolean {
  return windows ? isBelow(comparable(path), comparable(directory), "\\") : isBelow(path, directory, sep);
}

function isBelow(path: string, directory: string, between: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(between) ? directory : directory + between);
}

/** Windows takes no notice of case, takes either slash, and has a longer form of each path (`\\?\C:\x`, `\\?\UNC\a\b`). */
function comparable(path: string): string {
  const plain = path.replaceAll("/", "\\").toLowerCase();
  return plain.replace(/^\\\\\?\\unc\\/, "\\\\").replace(/^\\\\\?\\/, "");
}
