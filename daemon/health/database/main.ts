import { existsSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { ExaminationRequest, type ExaminationResult, type FileExamination } from "./examination.ts";

/**
 * Looks at databases in a process of its own: SQLite calls block, reading a large file takes seconds, and a disk that
 * hangs takes for ever. The daemon's event loop must notice none of that; the daemon ends this process when it takes
 * too long.
 */

/** How long another writer is waited for, in milliseconds: no well-behaved writer holds a file for so long. */
const busyTimeoutMs = 2_000;
/** What SQLite is likely to need at once: a full disk has room for a byte here and there. */
const scratch = Buffer.alloc(64 * 1024);
const corrupt = 11;

const { files, scratchFile } = ExaminationRequest.parse(JSON.parse(process.argv[2] ?? ""));
const scratchError = writeScratch();
const result: ExaminationResult = {
  files: files.map(({ file, thorough }) => examine(file, thorough)),
  ...(scratchError === undefined ? {} : { scratchError }),
};
process.stdout.write(JSON.stringify(result));

function examine(file: string, thorough: boolean): FileExamination {
  // SQLite would make it.
  if (!existsSync(file)) return { kind: "missing", file };
  try {
    return { kind: "sound", file, ...exchange(file, thorough) };
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "failed", file, failure: { code, message } };
  }
}

function exchange(file: string, thorough: boolean) {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    const begun = performance.now();
    writeAndRead(database);
    const roundTripMs = performance.now() - begun;
    if (!thorough) return { roundTripMs };
    const found = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (found !== "ok") throw Object.assign(new Error(problemIn(found)), { errcode: corrupt });
    return { roundTripMs, thoroughMs: performance.now() - begun - roundTripMs };
  } finally {
    database.close();
  }
}

/** What a check says below its heading. */
function problemIn(found: unknown): string {
  return String(found)
    .replace(/^\*\*\*.*\n/, "")
    .replaceAll("\n", "; ");
}

/** Writes the header's user version as it is: a real write of a page, which changes nothing and needs no table. */
function writeAndRead(database: DatabaseSync): void {
  const version = () => Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(`PRAGMA user_version = ${version()}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
  version();
  database.prepare("SELECT count(*) FROM sqlite_schema").get();
}

function writeScratch(): string | undefined {
  try {
    writeFileSync(scratchFile, scratch, { mode: 0o600 });
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    rmSync(scratchFile, { force: true });
  }
}
