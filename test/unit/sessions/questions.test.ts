import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../../daemon/sessions/probe.ts";
import { Questions } from "../../../daemon/sessions/questions.ts";
import type { Listener } from "../../../shared/model/process.ts";

const listener = (pid = 1): Listener => ({
  ...{ pid, startTime: "boot:1", command: "node", port: 3000, address: "127.0.0.1" },
});

/** Questions, and what was asked. */
function prepare() {
  const asked: { readonly signal: AbortSignal; readonly answer: (answer?: Answer) => void }[] = [];
  const questions = new Questions((_, signal) => {
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    asked.push({ signal, answer: resolve });
    return promise;
  });
  return { asked, questions };
}

test("a first page that takes long is asked for once; after a minute once more beside it, then less and less", () => {
  const { asked, questions } = prepare();
  const counts = [0, 16_000, 59_000, 60_000, 150_000, 181_000].map((now) => {
    questions.put(listener(), now);
    return asked.length;
  });
  assert.deepEqual(counts, [1, 1, 1, 2, 2, 3]);
  assert.ok(asked.every(({ signal }) => !signal.aborted));
});

test("who hung up is asked again; who answered isn't; the answer to an early question counts", async (t) => {
  const { asked, questions } = prepare();
  questions.put(listener(), performance.now());
  asked[0]?.answer();
  await questions.next(60_000, t.signal);
  questions.put(listener(), performance.now() + 1_000);
  assert.equal(asked.length, 2);
  asked[1]?.answer({ scheme: "http", status: 200 });
  await questions.next(60_000, t.signal);
  assert.deepEqual(questions.answerOf(listener()), { scheme: "http", status: 200 });
  questions.put(listener(), performance.now() + 100_000);
  assert.equal(asked.length, 2);
});

test("a question ends with its listener, and all with the questions", () => {
  const { asked, questions } = prepare();
  questions.put(listener(1), 0);
  questions.put(listener(2), 0);
  questions.keep([listener(2)]);
  assert.deepEqual(
    asked.map(({ signal }) => signal.aborted),
    [true, false],
  );
  questions.dispose();
  assert.equal(asked[1]?.signal.aborted, true);
});
