import assert from "node:assert/strict";
import { test } from "node:test";
import { Typing } from "../../../../daemon/cli/attach/typing.ts";
import { DevlatchError } from "../../../../shared/base/errors.ts";
import { waitFor } from "../../../support/wait.ts";

const esc = "\u001b";
const refusal = new DevlatchError("NOT_RUNNING", "It doesn't read.", "Wait.");

/** A keyboard, and what came of it. */
class Desk {
  left = 0;
  lost = 0;
  paused = false;
  taken: string[] = [];
  readonly typing: Typing;

  constructor() {
    const input = {
      pause: () => this.#setPaused(true),
      resume: () => this.#setPaused(false),
    } as unknown as NodeJS.ReadStream;
    this.typing = new Typing(input, {
      onLeave: () => {
        this.left++;
      },
      onLost: () => {
        this.lost++;
      },
    });
  }

  /** Attaches something that takes everything. */
  attach() {
    return this.typing.sendTo(async (text) => {
      this.taken.push(text);
    });
  }

  async took(text: string): Promise<void> {
    await waitFor(`${text.length} characters to be taken`, () => this.taken.join("") === text, {
      describe: () => `Taken: ${this.taken.map(({ length }) => length)}`,
    });
  }

  #setPaused(paused: boolean): void {
    this.paused = paused;
  }
}

for (const [name, key] of [
  ["Ctrl-]", "\u001d"],
  ["Ctrl-] in kitty's protocol", `${esc}[93;5u`],
  ["Ctrl-] with num lock", `${esc}[93;133u`],
  ["Ctrl-] as xterm modifies other keys", `${esc}[27;5;93~`],
] as const) {
  test(`${name} detaches, after what was typed before it`, async () => {
    const desk = new Desk();
    desk.attach();
    desk.typing.typed(`words${key}dropped`);
    await waitFor("it to leave", () => desk.left === 1);
    assert.deepEqual(desk.taken, ["words"]);
  });
}

test("Ctrl-C, Ctrl-D, arrows, ] and other control keys go to the server", async () => {
  const desk = new Desk();
  desk.attach();
  const keys = ["\u0003", "\u0004", `${esc}[A`, "]", `${esc}[93;1u`, `${esc}[99;5u`, "\u001c"];
  for (const key of keys) desk.typing.typed(key);
  await desk.took(keys.join(""));
  assert.equal(desk.left, 0);
});

test("while there is no session, Ctrl-C, Ctrl-D and Ctrl-] leave, and nothing is kept for the next one", async () => {
  const desk = new Desk();
  desk.attach().dispose();
  desk.typing.forget();
  desk.typing.typed("rm -rf");
  for (const key of ["\u0003", "\u0004", "\u001d"]) desk.typing.typed(key);
  assert.equal(desk.left, 3);
  desk.attach();
  desk.typing.typed("x");
  await desk.took("x");
});

test("what is typed between two attachments of one session waits for the second", async () => {
  const desk = new Desk();
  desk.attach().dispose();
  desk.typing.typed("\u0003");
  assert.deepEqual(desk.taken, []);
  desk.attach();
  await desk.took("\u0003");
});

test("input that is refused is offered again, before what follows, and the terminal is not read for ever", async () => {
  const desk = new Desk();
  let refusals = 3;
  desk.typing.sendTo(async (text) => {
    if (refusals-- > 0) throw refusal;
    desk.taken.push(text);
  });
  const pieces = Array.from({ length: 5 }, (_, index) => String(index).repeat(100_000));
  for (const piece of pieces) desk.typing.typed(piece);
  assert.equal(desk.paused, true);
  await desk.took(pieces.join(""));
  assert.equal(desk.paused, false);
});

test("a piece whose fate isn't known is not typed twice", async () => {
  const desk = new Desk();
  desk.typing.sendTo(async (text) => {
    desk.taken.push(text);
    if (text === "a") throw new DevlatchError("DEADLINE", "No answer.", "Wait.");
  });
  desk.typing.typed("a");
  desk.typing.typed("b");
  await desk.took("ab");
  assert.equal(desk.lost, 1);
});
