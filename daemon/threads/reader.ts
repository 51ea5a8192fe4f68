import { existsSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { ThreadMessage, ThreadPage } from "../../shared/model/thread.ts";
import { type Launch, selectLastLaunch, selectLaunch, selectNextLaunch, selectRest } from "./launches.ts";
import { finishLine } from "./lines.ts";
import { MessageTable } from "./messages.ts";
import { checkRequest, type PageRequest, readPage } from "./pages.ts";
import { openForReading } from "./schema.ts";
import { rawEnd, readRaw, readScrollback } from "./scrollback.ts";
import { WordIndex } from "./words.ts";

/** Which part of the thread one launch wrote so far. */
export interface LaunchSpan {
  /** Read before the ends: where it has an end, they are final. */
  readonly launch: Launch;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Absolute offsets of raw output, in bytes; the end is exclusive. */
  readonly firstOffset: number;
  readonly endOffset: number;
}

/**
 * Reads one thread, also while another process writes it. A thread that doesn't exist yet is empty; one that is
 * replaced (damaged and set aside) is noticed.
 */
export class ThreadReader implements Disposable {
  readonly #file: string;
  #open: { database: DatabaseSync; table: MessageTable; index: WordIndex; inode: bigint } | undefined;

  /** @param file path of the thread's file; it need not exist yet */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * One page in ascending order. Pages read one after another, each with the `next` of the one before, give every
   * message once, whatever is appended meanwhile. With a filter, `next` is the last sequence looked at. `prev` is the
   * cursor of the page before; near the oldest message that page overlaps this one.
   * @throws DevlatchError `CURSOR_EXPIRED` when messages after the cursor are no longer kept: `data.oldest` is the
   *   oldest usable cursor; `INVALID_INPUT` for a bad pattern; `STORE_UNAVAILABLE` when the file can't be read
   */
  async page(request: PageRequest, signal?: AbortSignal): Promise<ThreadPage> {
    const checked = await checkRequest(request);
    return this.#guard(async () => {
      const table = this.#table();
      if (!table || !this.#open) return { messages: [], next: request.cursor ?? 0, prev: null };
      return readPage(table, this.#open.index, checked, signal);
    });
  }

  /**
   * The last `count` messages, oldest first.
   * @param sinceSeq only messages from this sequence on (e.g. a launch's `firstSeq`)
   */
  tail(count: number, sinceSeq = 1): readonly ThreadMessage[] {
    return this.#guardSync(() => this.#table()?.before(Number.MAX_SAFE_INTEGER, count, sinceSeq) ?? []);
  }

  /** Sequence of the last message; 0 for an empty thread. */
  lastSeq(): number {
    return this.#guardSync(() => this.#table()?.bounds()?.last ?? 0);
  }

  /**
   * The last raw output, for replay on a terminal.
   * @param maxBytes at most this many bytes; where something is cut off, it starts behind a line feed
   * @param fromOffset nothing before this absolute offset (e.g. a launch's `firstOffset`)
   */
  scrollback(maxBytes: number, fromOffset = 0): Buffer {
    return this.#guardSync(() => {
      this.#table();
      return this.#open ? readScrollback(this.#open.database, maxBytes, fromOffset) : Buffer.alloc(0);
    });
  }

  /**
   * Raw output from an absolute offset on.
   * @param maxBytes at most this many
   * @returns the bytes and the offset of the first: later than asked for where the beginning is no longer kept
   */
  raw(fromOffset: number, maxBytes: number): { readonly offset: number; readonly bytes: Buffer } {
    return this.#guardSync(() => {
      this.#table();
      return this.#open
        ? readRaw(this.#open.database, fromOffset, maxBytes)
        : { offset: fromOffset, bytes: Buffer.alloc(0) };
    });
  }

  /**
   * At most `limit` messages after `cursor`, from the oldest kept where those right after it are not.
   * @param maxLength text of all of them, in UTF-16 code units; the first comes in any case
   */
  after(cursor: number, limit: number, maxLength?: number): readonly ThreadMessage[] {
    return this.#guardSync(() => this.#table()?.after(cursor, limit, maxLength) ?? []);
  }

  /** Where a launch begins; where it ends, once it has and everything it wrote is here. */
  span(launchId: string): LaunchSpan | undefined {
    return this.#guardSync(() => {
      const table = this.#table();
      const database = this.#open?.database;
      const launch = database && selectLaunch(database, launchId);
      if (!table || !launch) return undefined;
      const { firstSeq, firstOffset } = launch;
      const next = selectNextLaunch(database, launchId);
      if (next)
        return { launch, firstSeq, firstOffset, lastSeq: next.firstSeq - 1, endOffset: next.firstOffset };
      return {
        launch,
        firstSeq,
        firstOffset,
        lastSeq: table.bounds()?.last ?? 0,
        endOffset: rawEnd(database),
      };
    });
  }

  launch(launchId: string): Launch | undefined {
    return this.#guardSync(() => {
      this.#table();
      return this.#open && selectLaunch(this.#open.database, launchId);
    });
  }

  /** The line that a launch hasn't finished yet, as it is seen; empty where there is none. */
  unfinished(launchId: string): string {
    return this.#guardSync(() => {
      this.#table();
      return this.#open ? finishLine(selectRest(this.#open.database, launchId)).join("") : "";
    });
  }

  lastLaunch(): Launch | undefined {
    return this.#guardSync(() => {
      this.#table();
      return this.#open && selectLastLaunch(this.#open.database);
    });
  }

  dispose(): void {
    this.#open?.database.close();
    this.#open = undefined;
  }

  /** @returns undefined while the thread doesn't exist */
  #table(): MessageTable | undefined {
    const inode = existsSync(this.#file) ? statSync(this.#file, { bigint: true }).ino : undefined;
    if (this.#open && this.#open.inode !== inode) this.dispose();
    if (inode === undefined) return undefined;
    if (this.#open === undefined) {
      const database = openForReading(this.#file);
      if (database) {
        const [table, index] = [new MessageTable(database), new WordIndex(database)];
        this.#open = { database, table, index, inode };
      }
    }
    return this.#open?.table;
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #guardSync<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #translate(error: unknown): unknown {
    const fromSqlite = error instanceof Error && "errcode" in error;
    if (!fromSqlite) return error;
    this.dispose();
    return new DevlatchError(
      "STORE_UNAVAILABLE",
      `The thread ${this.#file} can't be read: ${error.message}.`,
      "Start or restart the session: a damaged file is then set aside and a new one begun.",
      { cause: error },
    );
  }
}
