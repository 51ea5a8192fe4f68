import { randomBytes } from "node:crypto";
import { constants, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { open, rename, rm, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { isWithin } from "../../../shared/base/within.ts";
import { readDocument } from "./document.ts";
import type { Change } from "./plan.ts";

/**
 * Makes a change: the whole file at once, with the mode it had, and only if it is still as it was shown.
 * @param base real path of the repository, or of the home directory
 * @param kept directories, absolute, that stay also when they are empty
 * @throws DevlatchError `RECORD_CONFLICT` where another program changed the file meanwhile; an error of the file system
 */
export async function writeChange(base: string, change: Change, kept: ReadonlySet<string>): Promise<void> {
  const { file, before, after } = change;
  await requireUnchanged(change);
  if (after === undefined) {
    await unlink(file);
    removeEmpty(dirname(file), base, kept);
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString("hex")}`);
  try {
    await write(temporary, (before?.mark ?? "") + after, before && (await stat(file)).mode);
    await requireUnchanged(change);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** @param mode the file's from before; the user's own default without one */
async function write(file: string, text: string, mode: number | undefined): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const handle = await open(file, flags, mode === undefined ? 0o666 : 0o600);
  try {
    await handle.writeFile(text);
    if (mode !== undefined) await handle.chmod(mode & 0o7777);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function requireUnchanged({ path, file, maxBytes, before }: Change): Promise<void> {
  const now = await readDocument(file, maxBytes);
  const isSame =
    now.kind === "document"
      ? before !== undefined && Buffer.compare(now.document.bytes, before.bytes) === 0
      : now.kind === "missing" && before === undefined;
  if (isSame) return;
  throw new DevlatchError(
    "RECORD_CONFLICT",
    `${path} was changed by another program meanwhile.`,
    "Run devlatch init again to see what would be written now.",
  );
}

/** Removes the directories above a file that went, as far as nothing else is in them. */
function removeEmpty(directory: string, base: string, kept: ReadonlySet<string>): void {
  for (let at = directory; at !== base && isWithin(at, base); at = dirname(at)) {
    if (kept.has(at) || readdirSync(at).length > 0) return;
    rmdirSync(at);
  }
}
