import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { withoutEscapes } from "../../shared/base/plain-text.ts";
import { readRegularFile } from "../../shared/base/regular-file.ts";
import type { SessionRecord } from "../../shared/model/session.ts";

/** Where frameworks keep what their server writes: Astro 7 of one in the background, Next 16 what its browsers say. */
const logFiles: Readonly<Record<string, string>> = {
  astro: ".astro/dev.log",
  next: ".next/dev/logs/next-development.log",
};
/** Longest file that is read, in bytes: it begins anew with each server. */
const mostRead = 8 * 1024 * 1024;
/** Most lines of it that are shown. */
const shownLines = 15;

/** What a framework keeps of a server's output. */
export interface FrameworkLog {
  /** Absolute path. */
  readonly file: string;
  /** Its last lines, without escapes. */
  readonly lines: readonly string[];
}

/**
 * What the framework of a server that was started by hand keeps of its output; undefined where there is none, or a link leads
 * out of the project. Never rejects.
 */
export async function frameworkLog({
  framework = "",
  settings: { cwd },
}: Pick<SessionRecord, "framework" | "settings">): Promise<FrameworkLog | undefined> {
  const name = logFiles[framework];
  if (name === undefined) return undefined;
  const file = join(cwd, name);
  try {
    if ((await realpath(file)) !== join(await realpath(cwd), name)) return undefined;
    const found = await readRegularFile(file, mostRead);
    if (found.kind !== "bytes") return undefined;
    const lines = new TextDecoder().decode(found.bytes).split(/\r?\n/);
    const written = lines.filter((line) => line.trim() !== "").slice(-shownLines);
    return { file, lines: written.map(withoutEscapes) };
  } catch {
    return undefined;
  }
}
