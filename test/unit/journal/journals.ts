import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { JournalOptions } from "../../../daemon/journal/journal.ts";
import { ReadableJournal } from "../../../daemon/journal/readable-journal.ts";
import type { JournalEntry, JournalEvent } from "../../../shared/model/journal.ts";

/** A journal in a directory of its own; all that are open, and the directory, are gone after the test. */
export class JournalBench {
  readonly directory = mkdtempSync(join(tmpdir(), "devlatch-journal-"));
  readonly file = join(this.directory, "journal.db");
  readonly problems: string[] = [];
  readonly #opened: ReadableJournal[] = [];

  constructor(test?: TestContext) {
    test?.after(() => this.dispose());
  }

  /** Each is as another process would have it. */
  open(options: JournalOptions = {}): ReadableJournal {
    const journal = new ReadableJournal(this.file, {
      onProblem: (problem) => void this.problems.push(problem),
      ...options,
    });
    this.#opened.push(journal);
    return journal;
  }

  dispose(): void {
    for (const journal of this.#opened) journal.dispose();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** An event that carries a number. */
export const signalTo = (pid: number): JournalEvent => ({
  ...{ kind: "signal", by: "daemon", signal: "SIGTERM" },
  process: { pid, startTime: `boot:${pid}`, command: "node server.js" },
});

export const sandboxEvent = (number: number): JournalEvent => ({
  ...{ kind: "sandbox", sandboxId: `sb_${number % 3}`, path: `/work/${number}`, change: { kind: "created" } },
});

/** The numbers of signals among entries. */
export const pidsOf = (entries: readonly JournalEntry[]) =>
  entries.flatMap(({ event }) => (event.kind === "signal" ? [event.process.pid] : []));

export const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Writes signals to these, each in a transaction of its own. */
export function fill(journal: ReadableJournal, from: number, to: number): void {
  for (const number of numbers(from, to)) {
    journal.append(signalTo(number));
    journal.flush();
  }
}
