import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Committer } from "../../../daemon/threads/commit.ts";
import { ThreadReader } from "../../../daemon/threads/reader.ts";
import type { Retention } from "../../../daemon/threads/retention.ts";
import { openForWriting } from "../../../daemon/threads/schema.ts";
import { ThreadWriter } from "../../../daemon/threads/writer.ts";
import { owning } from "../../support/owner.ts";
import { randomFrom } from "../../support/random.ts";
import { atMost, quantile, type Row, shown } from "../numbers.ts";
import { scaled } from "../servers/rounds.ts";

const everything: Retention = { ageMs: 1e15, messages: 1e12, textLength: 1e15, rawBytes: 16 * 1024 * 1024 };
const limit = 200;
const routes = ["items", "users", "orders", "search", "session", "health", "assets", "settings"];

/** A thread of ten million messages: how long a page from anywhere takes, and the search of a word. */
export function pages(effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    const directory = mkdtempSync(join(tmpdir(), "devlatch-pages-"));
    owner.after(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, "thread.db");
    const messages = scaled(10_000_000, effort);
    const random = randomFrom(1);
    await fill(file, messages, random);
    index(file);
    const reader = new ThreadReader(file);
    owner.after(() => reader.dispose());
    const anywhere = () => Math.floor(random() * messages);
    const forward = await times(2_000, () => reader.page({ cursor: anywhere(), limit }));
    const backward = await times(2_000, () => reader.page({ before: anywhere() + 1, limit }));
    const rare = await times(400, () => reader.page({ search: wordOf(anywhere()), limit }));
    const common = await times(100, () => reader.page({ cursor: anywhere(), search: "orders", limit }));
    const absent = await times(100, () => reader.page({ search: `none${anywhere()}`, limit }));
    const size = `${messages.toLocaleString("en")} messages`;
    return [
      atMost("thread: a page from anywhere, forwards, p99", size, quantile(forward, 0.99), 5, "ms"),
      atMost("thread: a page from anywhere, backwards, p99", size, quantile(backward, 0.99), 5, "ms"),
      shown("thread: a page from anywhere, p50", size, quantile([...forward, ...backward], 0.5), "ms"),
      atMost("thread: a word that occurs once, p95", size, quantile(rare, 0.95), 50, "ms"),
      atMost(
        "thread: a word in one of eight messages, from anywhere, p95",
        size,
        quantile(common, 0.95),
        50,
        "ms",
      ),
      atMost("thread: a word that never occurs, p95", size, quantile(absent, 0.95), 50, "ms"),
    ];
  });
}

async function fill(file: string, messages: number, random: () => number): Promise<void> {
  const writer = ThreadWriter.open(file, { retention: everything });
  for (let from = 0; from < messages; from += 3_000) {
    let text = "";
    for (let number = from; number < Math.min(messages, from + 3_000); number++) {
      const route = routes[Math.floor(random() * routes.length)];
      text += `GET /api/${route}/${wordOf(number)} 200 in ${Math.floor(random() * 900)}ms (page ${number % 97})\n`;
    }
    if (writer.append(Buffer.from(text))) await nextTurn();
    else await new Promise<void>((resolve) => writer.onDrained(resolve));
  }
  writer.close();
}

/** Of a message, and of no other. */
function wordOf(number: number): string {
  return `r${number.toString(36)}x`;
}

/** What a writer does by and by. */
function index(file: string): void {
  const database = openForWriting(file);
  const committer = new Committer(database, everything, Date.now);
  while (committer.index());
  database.close();
}

async function times(rounds: number, work: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await work();
    taken.push(performance.now() - begun);
  }
  return taken;
}
