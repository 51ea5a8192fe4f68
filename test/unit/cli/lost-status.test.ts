import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../../../daemon/cli/context.ts";
import { readStatus } from "../../../daemon/cli/verbs/status.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";

const away = new DevlatchError("DAEMON_UNAVAILABLE", "It is gone.", "Try again.");

/** What a command line meets, one look after the other. */
function meeting(...looks: readonly ("none" | "lost" | "answers")[]): Context {
  let at = -1;
  const context = {
    connect: async () => {
      at++;
      if (looks[at] === "none") throw away;
      return {};
    },
    ask: async () => {
      if (looks[at] === "lost") throw away;
      return looks[at];
    },
  };
  return context as unknown as Context;
}

test("a daemon that is lost while it is asked is looked for once more before none is said to run", async () => {
  assert.equal(await readStatus(meeting("none")), undefined);
  assert.equal(await readStatus(meeting("lost", "answers")), "answers");
  assert.equal(await readStatus(meeting("lost", "none")), undefined);
  await assert.rejects(readStatus(meeting("lost", "lost")), away);
});
