import type { Packages } from "./packages.ts";
import { readTextFile } from "./text-file.ts";

/** One process of a Procfile. */
export interface ProcfileEntry {
  readonly name: string;
  /** For a shell. */
  readonly line: string;
}

/** As many processes are read. */
const mostEntries = 100;

/** The processes of a Procfile; none of one that is missing, can't be read or isn't believed. */
export async function readProcfile(packages: Packages, file: string): Promise<readonly ProcfileEntry[]> {
  if (!(await packages.files.believed.has(file))) return [];
  const read = await readTextFile(file);
  if (read.kind !== "text") return [];
  const entries = read.text.split(/\r?\n/).flatMap((text) => {
    const found = /^([\w-]+):\s*(\S.*)$/.exec(text.trim());
    return found?.[1] && found[2] ? [{ name: found[1], line: found[2] }] : [];
  });
  return entries.slice(0, mostEntries);
}
