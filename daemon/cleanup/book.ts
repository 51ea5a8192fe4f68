import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { OpenCleanup } from "../../shared/model/cleanup.ts";

const Entry = z.array(z.unknown());

/**
 * The open cleanups of a home on disk. Only the one daemon of the home writes it. A file that is garbage, and entries
 * of another build, are as if they were not there: what they were about is still found by looking (recovery, doctor).
 */
export class CleanupBook {
  readonly #file: string;

  /** @param file made when there is something to write down, 0600 */
  constructor(file: string) {
    this.#file = file;
  }

  read(): readonly OpenCleanup[] {
    try {
      const found = Entry.parse(JSON.parse(readFileSync(this.#file, "utf8")));
      return found.flatMap((entry) => OpenCleanup.safeParse(entry).data ?? []);
    } catch {
      return [];
    }
  }

  /** Readers see the old content or the new, never half of it. @throws where the disk is full */
  write(entries: readonly OpenCleanup[]): void {
    if (entries.length === 0) {
      rmSync(this.#file, { force: true });
      return;
    }
    const temporary = `${this.#file}.new`;
    writeFileSync(temporary, `${JSON.stringify(entries, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, this.#file);
  }
}
