import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Cleanups } from "../../../daemon/cleanup/cleanups.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { Cleanup, CleanupTask } from "../../../shared/model/cleanup.ts";
import type { EventOf } from "../../../shared/model/journal.ts";
import { describeEvent } from "../../../shared/model/journal-words.ts";
import { silentLog } from "../../support/log.ts";
import { waitFor } from "../../support/wait.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "devlatch-cleanups-"));
  file = join(directory, "cleanups.json");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function locksOf(instance: string): Cleanup {
  return { what: "release what was held by", thing: instance, task: { kind: "free-locks", instance } };
}

const away = new DevlatchError("STORE_UNAVAILABLE", "The store is away.", "Wait.");

/** Cleanups whose tasks fail as long as `broken` is true. */
function open(options: { pauseMs?: number } = {}) {
  const state = { broken: true, done: [] as string[], tries: 0, told: [] as string[] };
  const perform = async (task: CleanupTask) => {
    state.tries++;
    if (state.broken) throw away;
    state.done.push(task.kind === "free-locks" ? task.instance : task.kind);
  };
  const onHappened = (event: EventOf<"cleanup">) => void state.told.push(describeEvent(event));
  const cleanups = new Cleanups({ file, perform, onHappened, log: silentLog, now: Date.now, ...options });
  return { cleanups, state };
}

test("what failed outlives the daemon, with its reason, and the next one does it when it starts", async () => {
  const first = open();
  first.cleanups.owe(locksOf("a"), away);
  first.cleanups.dispose();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const next = open();
  const [known] = next.cleanups.list();
  assert.deepEqual([known?.thing, known?.failures, known?.error?.message], ["a", 1, "The store is away."]);
  next.state.broken = false;
  await next.cleanups.begin();
  assert.deepEqual(next.state.done, ["a"]);
  assert.deepEqual(next.cleanups.list(), []);
  assert.equal(existsSync(file), false, "nothing is left behind where nothing is left to do");
  next.cleanups.dispose();
});

test("an intent that was cut off by a kill is carried out by the next daemon; one that was settled isn't", async () => {
  const first = open();
  first.cleanups.intend(locksOf("killed"));
  first.cleanups.intend(locksOf("ended well"));
  first.cleanups.settle(locksOf("ended well").task);
  // Killed: nothing is disposed of.
  const next = open();
  next.state.broken = false;
  await next.cleanups.begin();
  assert.deepEqual(next.state.done, ["killed"]);
  first.cleanups.dispose();
  next.cleanups.dispose();
});

test("what fails is tried again by itself until it succeeds, the same thing is one thing", async () => {
  const { cleanups, state } = open({ pauseMs: 5 });
  await cleanups.begin();
  cleanups.owe(locksOf("a"), away);
  cleanups.owe(locksOf("a"), away);
  assert.equal(cleanups.list().length, 1);
  await waitFor("several tries", () => state.tries >= 3);
  assert.ok((cleanups.list()[0]?.failures ?? 0) >= 3, "each is counted");
  state.broken = false;
  await waitFor("the success", () => cleanups.list().length === 0);
  assert.deepEqual(state.done, ["a"]);
  const [failed, done, ...more] = state.told;
  assert.equal(failed, "could not release what was held by a, and will try again: The store is away.");
  assert.match(done ?? "", /^could release what was held by a, after it had failed \d+ times$/);
  assert.deepEqual(more, [], "the first failure and the end are told");
  cleanups.intend(locksOf("b"));
  cleanups.settle(locksOf("b").task);
  assert.equal(state.told.length, 2, "what is done at once is no news");
  cleanups.dispose();
});

test("a retry on request tells why it fails, and that nothing is open any more", async () => {
  const { cleanups, state } = open();
  cleanups.owe(locksOf("a"), away);
  const id = cleanups.list()[0]?.id ?? "";
  await assert.rejects(cleanups.retry(id), { message: "The store is away." });
  state.broken = false;
  assert.equal(await cleanups.retry(id), true);
  assert.equal(await cleanups.retry(id), false);
  cleanups.dispose();
});

test("a file that is garbage, or of another build, is no obstacle", async () => {
  for (const garbage of [
    "",
    "{",
    "[1, {}]",
    JSON.stringify([{ ...locksOf("x"), task: { kind: "unheard of" } }]),
  ]) {
    writeFileSync(file, garbage);
    const { cleanups, state } = open();
    assert.deepEqual(cleanups.list(), []);
    state.broken = false;
    await cleanups.begin();
    cleanups.owe(locksOf("a"), away);
    assert.equal(open().cleanups.list().length, 1);
    cleanups.dispose();
  }
});
