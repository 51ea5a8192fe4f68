import assert from "node:assert/strict";
import { test } from "node:test";
import { type DatabaseSources, databaseCheck } from "../../../daemon/health/checks/database.ts";
import type {
  ExaminationRequest,
  ExaminationResult,
  Failure,
} from "../../../daemon/health/database/examination.ts";
import { describe, judge, noJudgement } from "../../../daemon/health/judgement.ts";
import { defaultThresholds } from "../../../shared/model/health-thresholds.ts";
import { FakeClock } from "./fake-clock.ts";

const store = "/home/store.db";

function checkWith(
  examine: (request: ExaminationRequest) => Promise<ExaminationResult>,
  more: Partial<DatabaseSources> = {},
) {
  const clock = new FakeClock();
  const check = databaseCheck({
    ...{ files: [store], scratchFile: "/home/.scratch", examine, clock },
    ...{ onDamaged: () => undefined, thresholds: () => defaultThresholds },
    ...more,
  });
  return { clock, look: () => check.look(AbortSignal.timeout(5_000)) };
}

/** What is shown of a look that found this. */
async function shown(result: ExaminationResult, more: Partial<DatabaseSources> = {}): Promise<string> {
  const seen = await checkWith(async () => result, more).look();
  const { status, summary } = describe(judge(noJudgement, seen, 1), seen);
  return `${status}: ${summary}`;
}

const failed = (failure: Failure): ExaminationResult => ({
  files: [{ kind: "failed", file: store, failure }],
});

test("each way a database fails is critical, in words a person understands", async () => {
  const cases: [code: number, message: string, says: RegExp][] = [
    [5, "database is locked", /^critical: store\.db is locked by another program .*Close that program\.$/],
    [11, "malformed", /^critical: store\.db is damaged \(malformed\)\. Restart the daemon/],
    [26, "file is not a database", /^critical: store\.db is damaged/],
    [
      13,
      "database or disk is full",
      /^critical: store\.db can't be written, for the disk is full .*Make room\.$/,
    ],
    [8, "attempt to write a readonly database", /^critical: store\.db is read-only/],
    [14, "unable to open database file", /^critical: store\.db can't be opened/],
    [10, "disk I/O error", /^critical: store\.db can't be used: disk I\/O error\. Check the disk\.$/],
  ];
  for (const [code, message, says] of cases) assert.match(await shown(failed({ code, message })), says);
});

test("what was done about a damaged file is told", async () => {
  const onDamaged = () => "It was set aside.";
  assert.match(
    await shown(failed({ code: 11, message: "bad" }), { onDamaged }),
    /\(bad\)\. It was set aside\.$/,
  );
});

test("an I/O error on a full disk is the disk's, also where the system calls it a quota", async () => {
  const result = { ...failed({ code: 10, message: "disk I/O error" }), scratchError: "EDQUOT" };
  assert.match(await shown(result), /^critical: The disk of Devlatch's home is full.*for the disk is full/);
});

test("all pages are read at first, then once an hour at most or at a hundredth of the time, and after a failure", async () => {
  const asked: boolean[] = [];
  let [fails, thoroughMs] = [false, 2_000];
  const { clock, look } = checkWith(async ({ files: [file] }) => {
    asked.push(file?.thorough === true);
    if (fails) return failed({ code: 5, message: "database is locked" });
    const all = file?.thorough ? { thoroughMs } : {};
    return { files: [{ kind: "sound", file: store, roundTripMs: 1, ...all }] };
  });
  const lookAfter = async (seconds: number) => {
    clock.sleep(seconds * 1_000);
    await look();
    return asked.at(-1);
  };
  assert.deepEqual([await lookAfter(0), await lookAfter(100), await lookAfter(99)], [true, false, false]);
  assert.deepEqual([await lookAfter(1), await lookAfter(1)], [true, false]);
  fails = true;
  await lookAfter(1);
  fails = false;
  thoroughMs = 600_000;
  assert.deepEqual([await lookAfter(1), await lookAfter(3_599), await lookAfter(1)], [true, false, true]);
});

test("while a look hangs no other is begun, and the database is unknown", async () => {
  let begun = 0;
  const release = Promise.withResolvers<ExaminationResult>();
  const { look } = checkWith(() => {
    begun++;
    return release.promise;
  });
  const first = look();
  await assert.rejects(look(), /an earlier look at the databases hasn't ended yet/);
  assert.equal(begun, 1);
  release.resolve({ files: [] });
  await first;
  await look();
  assert.equal(begun, 2);
});
