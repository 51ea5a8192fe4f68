import { sep } from "node:path";

/** Whether an absolute path is a directory's own, or one below it; by the names alone. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}
