import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { Outlet } from "../../../../daemon/cli/attach/outlet.ts";

/** A terminal that takes a piece whenever it is told to. */
class Terminal {
  readonly pieces: Buffer[] = [];
  #take: (() => void) | undefined;
  readonly outlet = new Outlet(
    new Writable({
      write: (piece: Buffer, _encoding, done) => {
        this.pieces.push(piece);
        this.#take = done;
      },
    }),
    () => {},
  );

  /** Lets it take what it was given; settles when it was given the next. */
  async take(): Promise<void> {
    this.#take?.();
    await new Promise(setImmediate);
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString();
  }
}

const never = new AbortController().signal;

test("a terminal is given one piece at a time, in order, and everything in the end", async () => {
  const terminal = new Terminal();
  const long = "→".repeat(50_000);
  terminal.outlet.write(Buffer.from(long));
  terminal.outlet.write(Buffer.from("end"));
  assert.equal(terminal.pieces.length, 1);
  assert.equal(terminal.outlet.backlog, 150_003 - 65_536);
  const drained = terminal.outlet.drained(never);
  for (let turn = 0; turn < 4; turn++) await terminal.take();
  await drained;
  assert.equal(terminal.text, `${long}end`);
  assert.ok(terminal.pieces.every(({ length }) => length <= 65_536));
  assert.equal(terminal.outlet.backlog, 0);
});

test("what the terminal wasn't given yet can be dropped, and what follows comes behind the piece it has", async () => {
  const terminal = new Terminal();
  terminal.outlet.write(Buffer.from("shown "));
  terminal.outlet.write(Buffer.from("dropped "));
  terminal.outlet.drop();
  assert.equal(terminal.outlet.backlog, 0);
  terminal.outlet.write(() => Buffer.from("last"));
  await terminal.take();
  assert.equal(terminal.text, "shown last");
});

test("a line that depends on what was shown is made when its turn comes", async () => {
  const terminal = new Terminal();
  terminal.outlet.write(Buffer.from("a"));
  terminal.outlet.write(() => Buffer.from(`after ${terminal.text}`));
  await terminal.take();
  assert.equal(terminal.text, "aafter a");
});

test("waiting for a terminal that takes nothing ends with the signal", async () => {
  const terminal = new Terminal();
  terminal.outlet.write(Buffer.from("a"));
  await assert.rejects(terminal.outlet.drained(AbortSignal.timeout(20)), { name: "TimeoutError" });
});
