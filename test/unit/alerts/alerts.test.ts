import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Alerts } from "../../../daemon/alerts/alerts.ts";
import type { Problem } from "../../../daemon/alerts/book.ts";
import { Scope } from "../../../shared/base/disposable.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { AlertBoard } from "../../../shared/model/alert.ts";
import { silentLog } from "../../support/log.ts";

const problem = (id: string, given: Partial<Problem> = {}): Problem => ({
  ...{
    id,
    kind: "health",
    severity: "warning",
    title: "T",
    message: "M.",
    remedy: "R.",
    actions: [],
    settleMs: 0,
  },
  ...given,
});

/** Alerts with a clock set by hand, whose timers go by it. */
function world(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-alerts-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const file = join(directory, "alerts.json");
  const open = () => {
    const alerts = new Alerts({ file, now: Date.now, log: silentLog });
    t.after(() => alerts.dispose());
    return alerts;
  };
  return { file, open, tick: (ms: number) => t.mock.timers.tick(ms) };
}

const ids = ({ alerts }: AlertBoard) => alerts.map(({ id }) => id);

test("sources don't clear each other's alerts, and a listener hears of changes only", (t) => {
  const alerts = world(t).open();
  const heard: string[][] = [];
  alerts.onChanged((board) => heard.push(ids(board)));
  alerts.report("locks", [problem("a")]);
  alerts.report("health", [problem("b")]);
  alerts.report("health", [problem("b")]);
  alerts.report("locks", []);
  assert.deepEqual(heard, [["a"], ["a", "b"], ["b"]]);
});

test("what settles, and a snooze that ends, is published by itself", (t) => {
  const { open, tick } = world(t);
  const alerts = open();
  const heard: (boolean | undefined)[] = [];
  alerts.onChanged(({ alerts: [first] }) => heard.push(first?.notify));
  alerts.report("health", [problem("abc", { settleMs: 5_000 })]);
  tick(5_010);
  alerts.snooze("ab", 60_000);
  tick(60_010);
  assert.deepEqual(heard, [false, true, false, true]);
});

test("no one is told while a pause lasts; after it everything that still stands is", (t) => {
  const { open, tick } = world(t);
  const alerts = open();
  alerts.report("health", [problem("a")]);
  const since = alerts.board.alerts[0]?.since ?? 0;
  alerts.pause(60_000);
  assert.deepEqual([alerts.board.pause.kind, alerts.take("a", since)], ["until", false]);
  tick(60_010);
  assert.deepEqual([alerts.board.pause.kind, alerts.take("a", since)], ["none", true]);
});

test("a pause of a client ends with the client, or when any client resumes", (t) => {
  const alerts = world(t).open();
  const [one, other] = [new Scope(), new Scope()];
  alerts.pauseWhile(one);
  alerts.pauseWhile(other);
  one.dispose();
  assert.equal(alerts.board.pause.kind, "while-connected");
  other.dispose();
  assert.equal(alerts.board.pause.kind, "none");
  alerts.pauseWhile(new Scope());
  assert.equal(alerts.resume().pause.kind, "none");
});

test("the next daemon keeps pause, snoozes and what was told; a garbled file is no trouble", (t) => {
  const { file, open } = world(t);
  const before = open();
  before.report("health", [problem("a"), problem("b")]);
  before.take("a", before.board.alerts[0]?.since ?? 0);
  before.snooze("b", 60_000);
  before.mute("lock", true);
  before.pause(60_000);
  before.dispose();
  const after = open();
  after.report("health", [problem("a"), problem("b")]);
  assert.deepEqual(
    after.board.alerts.map(({ notify }) => notify),
    [false, false],
  );
  assert.deepEqual([after.board.muted, after.board.pause.kind], [["lock"], "until"]);
  after.dispose();
  writeFileSync(file, "{garbage");
  assert.deepEqual(open().board, { alerts: [], muted: [], pause: { kind: "none" } });
});

test("an alert is named by enough of its id, and by no less", (t) => {
  const alerts = world(t).open();
  alerts.report("health", [problem("health-a"), problem("health-b")]);
  for (const id of ["health-", "lock-"])
    assert.throws(
      () => alerts.snooze(id, 1_000),
      (error) => hasCode(error, "INVALID_INPUT"),
    );
  assert.ok(alerts.snooze("health-b", 1_000).alerts.some(({ snoozedUntil }) => snoozedUntil));
});
