import { resolve } from "node:path";
import type { Packages } from "./packages.ts";
import type { Recogniser } from "./recognise.ts";
import type { RecognisedServer } from "./servers.ts";
import { readTextFile } from "./text-file.ts";
import { isShell } from "./wrappers.ts";

/** Longest script that is read, in characters. */
const longest = 20_000;

/**
 * The servers that a shell's script file starts, where a server's words run one (`sh dev.sh`). None where it can't be read, or
 * costs too much to read.
 */
export async function shellFileServers(
  { words = [], directory }: Pick<RecognisedServer, "words" | "directory">,
  packages: Packages,
  recogniser: Recogniser,
): Promise<readonly RecognisedServer[]> {
  const name = fileIn(words);
  if (name === undefined) return [];
  const file = resolve(directory, name);
  const found = (await packages.files.believed.has(file)) ? await readTextFile(file) : undefined;
  if (found?.kind !== "text" || found.text.length > longest) return [];
  return recogniser.servers([`${found.text}\n`], directory, true).catch(() => []);
}

function fileIn([first = "", second]: readonly string[]): string | undefined {
  const name = isShell(first) ? second : first;
  return name === undefined || !/\.(?:ba|z)?sh$/.test(name) || name.includes("\0") ? undefined : name;
}
