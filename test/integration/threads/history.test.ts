import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ThreadReader } from "../../../daemon/threads/reader.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { ThreadMessage } from "../../../shared/model/thread.ts";
import { randomFrom } from "../../support/random.ts";
import { waitFor } from "../../support/wait.ts";

const program = new URL("./named-writer.ts", import.meta.url).pathname;
const writers = 8;
const readers = 8;
const linesOfWriter = 3_000;
/** So often is a writer killed and another one started in its place. */
const kills = 12;

interface Read {
  readonly messages: ThreadMessage[];
  /** Sequences that a page said are no longer kept. */
  readonly expired: Set<number>;
}

/** Eight writers, of whom some are killed and replaced, and eight readers, on one thread. */
class Scene {
  readonly #file: string;
  readonly #kept: number;
  readonly #random: () => number;
  readonly #running = new Map<string, ChildProcess>();
  /** Names of writers that wrote all their lines. */
  readonly finished = new Set<string>();
  #started = 0;

  constructor(t: TestContext, kept: number) {
    const seed = Number(process.env["DEVLATCH_SEED"] ?? Date.now() % 1_000_000);
    t.diagnostic(`DEVLATCH_SEED=${seed}`);
    this.#random = randomFrom(seed);
    this.#kept = kept;
    const directory = mkdtempSync(join(tmpdir(), "devlatch-history-"));
    this.#file = join(directory, "thread.db");
    t.after(() => {
      for (const child of this.#running.values()) child.kill("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    });
  }

  get over(): boolean {
    return this.#running.size === 0;
  }

  reader(): ThreadReader {
    return new ThreadReader(this.#file);
  }

  limit(): number {
    return 1 + Math.floor(this.#random() ** 3 * 2_000);
  }

  async write(): Promise<void> {
    for (let index = 0; index < writers; index++) this.#start();
    const reader = this.reader();
    for (let kill = 0; kill < kills; kill++) {
      // Not before something was written since the last one.
      const from = reader.lastSeq();
      await waitFor("more messages", () => this.over || reader.lastSeq() > from + 500);
      const victims = [...this.#running];
      const [name, child] = victims[Math.floor(this.#random() * victims.length)] ?? [];
      if (name === undefined || child === undefined) break;
      child.kill("SIGKILL");
      this.#start();
    }
    reader.dispose();
    while (!this.over) await Promise.all([...this.#running.values()].map((child) => once(child, "exit")));
  }

  #start(): void {
    const name = `writer-${++this.#started}`;
    const seed = Math.floor(this.#random() * 1e9);
    const argv = [program, this.#file, name, linesOfWriter, seed, this.#kept].map(String);
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "inherit"] });
    this.#running.set(name, child);
    child.once("exit", (code) => {
      this.#running.delete(name);
      if (code === 0) this.finished.add(name);
    });
  }

  /** Follows with pages of random size until none writes any more, then to the end; now and then opens anew. */
  async follow(): Promise<Read> {
    const read: Read = { messages: [], expired: new Set() };
    let reader = this.reader();
    let cursor = 0;
    for (;;) {
      const isLast = this.over;
      const page = await reader.page({ cursor, limit: this.limit() }).catch((error: unknown) => {
        if (!hasCode(error, "CURSOR_EXPIRED")) throw error;
        const oldest = Number((error.data as { oldest: number }).oldest);
        for (let seq = cursor + 1; seq <= oldest; seq++) read.expired.add(seq);
        cursor = oldest;
        return undefined;
      });
      if (page === undefined) continue;
      if (cursor === 0) for (let seq = 1; seq < (page.messages[0]?.seq ?? 1); seq++) read.expired.add(seq);
      read.messages.push(...page.messages);
      if (page.messages.length === 0 && isLast) break;
      cursor = page.next;
      if (this.#random() < 0.05) {
        reader.dispose();
        reader = this.reader();
      }
      await nextTurn();
    }
    reader.dispose();
    return read;
  }

  /** All that is kept, page by page from the end. */
  async backwards(): Promise<ThreadMessage[]> {
    const reader = this.reader();
    const found: ThreadMessage[] = [];
    let before: number | undefined;
    for (;;) {
      const { messages } = await reader.page({ limit: this.limit(), before });
      found.unshift(...messages);
      before = messages[0]?.seq;
      if (before === undefined) break;
    }
    reader.dispose();
    return found;
  }
}

/** Every sequence once and in order, but for those that were announced as gone. */
function assertWhole({ messages, expired }: Read): void {
  let next = 1;
  for (const { seq } of messages) {
    while (expired.has(next)) next++;
    assert.equal(seq, next);
    next++;
  }
}

/** Whose lines are these, and are they all of them, in the order written? */
function assertAsWritten({ messages, expired }: Read, finished: ReadonlySet<string>): void {
  const last = new Map<string, { readonly number: number; readonly seq: number }>();
  const goneBetween = (from: number, to: number) => [...expired].some((seq) => seq > from && seq < to);
  for (const { seq, text } of messages) {
    const [name = "", word = ""] = text.split(" ");
    const before = last.get(name) ?? { number: 0, seq: 0 };
    const number = Number(word);
    if (number !== before.number + 1)
      assert.ok(
        number > before.number && goneBetween(before.seq, seq),
        `${text} came after ${before.number}`,
      );
    last.set(name, { number, seq });
  }
  if (expired.size > 0) return;
  for (const name of finished) assert.equal(last.get(name)?.number, linesOfWriter, name);
  assert.ok(finished.size >= writers - 1);
}

for (const [what, kept] of [
  ["all is kept", 10_000_000],
  ["only the last two thousand messages are kept", 2_000],
] as const) {
  test(`eight readers of eight writers get what was written, in one order, where ${what}`, async (t) => {
    const scene = new Scene(t, kept);
    const writing = scene.write();
    const reads = await Promise.all(Array.from({ length: readers }, () => scene.follow()));
    await writing;
    for (const read of reads) {
      assertWhole(read);
      assertAsWritten(read, scene.finished);
    }
    const texts = new Map<number, string>();
    for (const { messages } of reads) {
      for (const { seq, text } of messages) {
        assert.equal(texts.get(seq) ?? text, text);
        texts.set(seq, text);
      }
    }
    const still = await scene.backwards();
    assert.ok(still.length > 1_000);
    const [first] = still;
    for (const [index, { seq, text }] of still.entries()) {
      assert.equal(seq, (first?.seq ?? 0) + index);
      assert.equal(texts.get(seq) ?? text, text);
    }
  });
}
