import type { RecordStore } from "../store.ts";

const key = "fences";
/** How far ahead of a fence the mark is set, in microseconds, so that it is written once a minute at most. */
const ahead = 60_000_000;

/**
 * The highest fence this home has ever seen, on its own disk: fences grow also where Redis lost its data *and* its
 * clock was set back, and every daemon that knew better has ended.
 */
export class HighWaterMark {
  readonly #records: RecordStore;
  #mark: number;
  #version: number;
  #writing: Promise<void> | undefined;

  private constructor(records: RecordStore, mark: number, version: number) {
    this.#records = records;
    this.#mark = mark;
    this.#version = version;
    this.floor = mark;
  }

  /** @param records of a store that is this daemon's alone @throws DevlatchError `STORE_UNAVAILABLE` */
  static async open(records: RecordStore): Promise<HighWaterMark> {
    const found = await records.get(key);
    const mark = typeof found?.value === "number" ? found.value : 0;
    return new HighWaterMark(records, mark, found?.version ?? 0);
  }

  /** Fences are granted above it. */
  readonly floor: number;

  /** Raises the mark where a fence has reached it. A disk that refuses is tried again with the next fence. */
  saw(fence: number): void {
    if (fence <= this.#mark) return;
    this.#writing ??= this.#write(fence + ahead).finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(mark: number): Promise<void> {
    try {
      this.#version = await this.#records.put(key, mark, this.#version);
      this.#mark = mark;
    } catch {
      // Without it fences still follow Redis' clock and what daemons remember.
    }
  }
}
