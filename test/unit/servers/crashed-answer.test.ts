import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { crashedAnswer } from "../../../daemon/servers/build-answer.ts";
import { isMended as isMendedSince } from "../../../daemon/servers/coming-back.ts";
import { serverCrashed } from "../../../daemon/sessions/errors.ts";
import { crashedState } from "../../../daemon/sessions/records.ts";
import { graceOf, isMended } from "../../../daemon/sessions/standstill.ts";
import type { BuildView } from "../../../shared/model/output.ts";
import { record } from "../language/texts.ts";

const place = { file: "a.ts", line: 1 };
const crash = { proof: "shown", message: "Error: boom", place } as const;

/** A server that crashed in a.ts at this time, in a directory with that file. */
function crashed(t: TestContext, since: number) {
  const cwd = mkdtempSync(join(tmpdir(), "devlatch-crashed-"));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "a.ts"), "");
  const web = record("web", { command: [], cwd });
  const state = crashedState(web, crash, [], since);
  return { record: { ...web, state }, state };
}

test("a crash in a file that was changed since is given longer, and says what helps where nothing starts it again", async (t) => {
  const { record: web, state } = crashed(t, 1_000);
  assert.equal(await isMended(web), true);
  const fresh = crashed(t, Date.now() + 60_000);
  assert.equal(await isMended(fresh.record), false);
  assert.ok((await graceOf(web)) > (await graceOf(fresh.record)));
  assert.match(serverCrashed(web, state).remedy, /^Mend it, and it is ready again by itself\./);
  assert.match(
    serverCrashed(web, state, true).remedy,
    /^a\.ts was changed since, and nothing started web again\. Start it with: devlatch restart web\./,
  );
});

test("a wait says of a crash whether it is of files as they are", async (t) => {
  const { record: web } = crashed(t, 1_000);
  const error = { message: "Error: boom", phase: "build", place, seq: 1, time: 1_000 } as const;
  const counts = { since: 1_000, seq: 1, errorCount: 1, warnings: 0, skipped: 0 };
  const build: BuildView = { status: "failed", errors: [error], ...counts };
  assert.equal(await isMendedSince(web, { build }), true);
  assert.equal(await isMendedSince(web, undefined), false);
  const words = (isMended: boolean) => {
    const { status, errors } = crashedAnswer(web, { heard: undefined, isMended }, 1);
    return [status, errors[0]?.message];
  };
  assert.deepEqual(words(false), ["failed", "Error: boom"]);
  assert.deepEqual(words(true), [
    "failed",
    "Error: boom (changed since, and nothing started web again; start it with: devlatch restart web)",
  ]);
});

test("what doesn't compile isn't said to have crashed", () => {
  const web = record("web", { command: [], cwd: "/srv/app" });
  const { error } = crashedState(web, { ...crash, proof: "uncompiled" }, [], 1);
  assert.equal(error.message, "web doesn't compile and waits for a change: a.ts:1: Error: boom");
});
