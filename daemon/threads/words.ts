import type { DatabaseSync, StatementSync } from "node:sqlite";
import { DevlatchError } from "../../shared/base/errors.ts";

/**
 * The index of words: a row for each block of messages, which says that a word is in it, not where (FTS5 without
 * content or positions; https://sqlite.org/fts5.html#contentless_delete_tables). `through` is the last sequence it
 * covers.
 */
export function wordTables(schema: "main" | "temp"): string {
  return `
  CREATE VIRTUAL TABLE ${schema}.words USING fts5(
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 0'
  );
  CREATE TABLE ${schema}.word_index (id INTEGER PRIMARY KEY CHECK (id = 1), through INTEGER NOT NULL);
  INSERT INTO ${schema}.word_index VALUES (1, 0);
`;
}

// What the index takes for a word: letters, digits and what is for private use.
const wordPattern = /[\p{L}\p{N}\p{Co}]+/gu;

/** Words that are looked for: a message must hold all of them, in any order; case doesn't matter. */
export class WordQuery {
  readonly #whole: ReadonlySet<string>;
  readonly #beginnings: readonly string[];

  /**
   * @param text words; one followed by `*` stands for all that begin with it
   * @throws DevlatchError `INVALID_INPUT` when there is no word in it
   */
  constructor(text: string) {
    const found = [...text.toLowerCase().matchAll(/([\p{L}\p{N}\p{Co}]+)(\*?)/gu)];
    this.#whole = new Set(found.filter(([, , star]) => star === "").map(([, word = ""]) => word));
    this.#beginnings = found.filter(([, , star]) => star !== "").map(([, word = ""]) => word);
    if (found.length === 0) throw noWords(text);
  }

  /** In the language of the index. */
  get expression(): string {
    const parts = [...this.#whole].map((word) => `"${word}"`);
    return [...parts, ...this.#beginnings.map((word) => `"${word}"*`)].join(" AND ");
  }

  matches(text: string): boolean {
    const lower = text.toLowerCase();
    for (const word of this.#whole) if (!lower.includes(word)) return false;
    for (const word of this.#beginnings) if (!lower.includes(word)) return false;
    const words = lower.match(wordPattern) ?? [];
    const missing = new Set(this.#whole);
    for (const word of words) missing.delete(word);
    return (
      missing.size === 0 &&
      this.#beginnings.every((beginning) => words.some((word) => word.startsWith(beginning)))
    );
  }
}

/** Finds blocks by their words. */
export class WordIndex {
  readonly #after: StatementSync;
  readonly #before: StatementSync;
  readonly #through: StatementSync;

  constructor(database: DatabaseSync) {
    this.#after = database.prepare(
      "SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid LIMIT ?",
    );
    this.#before = database.prepare(
      "SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
    );
    this.#through = database.prepare("SELECT through FROM word_index");
  }

  /** The last sequence that is indexed; what follows must be read to be searched. */
  through(): number {
    return Number(this.#through.get()?.["through"] ?? 0);
  }

  /** First sequences of at most `limit` blocks with all these words, ascending. */
  blocksFrom(query: WordQuery, firstSeq: number, last: number, limit: number): number[] {
    return this.#after.all(query.expression, firstSeq, last, limit).map(({ rowid }) => Number(rowid));
  }

  /** The same before a sequence, descending. */
  blocksBefore(query: WordQuery, seq: number, limit: number): number[] {
    return this.#before.all(query.expression, seq, limit).map(({ rowid }) => Number(rowid));
  }
}

/** Text that is indexed in one go at most, in UTF-16 code units: a few milliseconds. */
const sliceLength = 256 * 1024;

/** Keeps the index up to date, inside the caller's transactions. */
export class WordIndexer {
  readonly #waiting: StatementSync;
  readonly #insert: StatementSync;
  readonly #through: StatementSync;
  readonly #setThrough: StatementSync;
  readonly #drop: StatementSync;

  constructor(database: DatabaseSync) {
    this.#waiting = database.prepare(
      "SELECT first_seq, count, text FROM blocks WHERE first_seq > ? ORDER BY first_seq",
    );
    this.#insert = database.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)");
    this.#through = database.prepare("SELECT through FROM word_index");
    this.#setThrough = database.prepare("UPDATE word_index SET through = ?");
    this.#drop = database.prepare("DELETE FROM words WHERE rowid < ?");
  }

  /** Indexes what comes next. @returns whether something is left */
  step(): boolean {
    let through = Number(this.#through.get()?.["through"] ?? 0);
    let length = 0;
    let isDone = true;
    for (const row of this.#waiting.iterate(through)) {
      const text = String(row["text"]);
      if (length > 0 && length + text.length > sliceLength) {
        isDone = false;
        break;
      }
      this.#insert.run(Number(row["first_seq"]), text);
      through = Number(row["first_seq"]) + Number(row["count"]) - 1;
      length += text.length;
    }
    if (length > 0 || isDone) this.#setThrough.run(through);
    return !isDone;
  }

  /** Forgets blocks that begin before this sequence. */
  drop(firstSeq: number): void {
    this.#drop.run(firstSeq);
  }
}

function noWords(text: string): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `There is no word in ${JSON.stringify(text)} to search for.`,
    "Search for letters or digits; for anything else use a regular expression (--grep).",
  );
}
