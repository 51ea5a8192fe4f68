import assert from "node:assert/strict";
import { test } from "node:test";
import {
  actionsFor,
  isWorthSaying,
  placeOf,
  severityOf,
  wordsOf,
} from "../../../extension/commands/error-actions.ts";
import { StoreNotice } from "../../../extension/commands/store-notice.ts";
import { type ErrorCode, errorCodes } from "../../../shared/base/errors.ts";
import type { Link } from "../../../shared/client/live-client.ts";

const error = (code: ErrorCode, data?: unknown) => ({
  code,
  message: "It went wrong.",
  remedy: "Do this.",
  ...(data === undefined ? {} : { data }),
});

test("a server that failed offers its output and a restart; without a server neither is offered", () => {
  assert.deepEqual(actionsFor(error("EXITED_EARLY"), true), ["showOutput", "restart"]);
  assert.deepEqual(actionsFor(error("EXITED_EARLY"), false), []);
});

test("a broken file offers to open it at the place, if the place is known", () => {
  const broken = error("CONFIG_INVALID", { file: "/work/devlatch.json", line: 3, column: 7 });
  assert.deepEqual(actionsFor(broken, true), ["openFile"]);
  assert.deepEqual(placeOf(broken), { file: "/work/devlatch.json", line: 3, column: 7 });
  assert.deepEqual(actionsFor(error("CONFIG_INVALID"), true), []);
});

test("an untrusted workspace offers to manage trust", () => {
  assert.deepEqual(actionsFor(error("UNTRUSTED_WORKSPACE"), false), ["manageTrust"]);
});

test("a daemon with another store offers to restart it, said once until the window was connected", () => {
  const differs = error("STORE_DIFFERS");
  assert.deepEqual(actionsFor(differs, true), ["restartDaemon", "openSettings"]);
  const notice = new StoreNotice();
  const refused: Link = { kind: "disconnected", error: differs };
  assert.equal(notice.of({ kind: "disconnected", error: error("DAEMON_UNAVAILABLE") }), undefined);
  assert.equal(notice.of(refused), differs);
  assert.equal(notice.of({ kind: "connecting" }), undefined);
  assert.equal(notice.of(refused), undefined);
  assert.equal(notice.of({ kind: "connected" }), undefined);
  assert.equal(notice.of(refused), differs);
});

test("every code leads to actions or, knowingly, to none; a defect leads to the log", () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    assert.ok(Array.isArray(actionsFor(error(code), true)), code);
  }
  assert.deepEqual(actionsFor(error("INTERNAL"), true), ["showLog"]);
});

test("what a stop left alive is named, with message and remedy around it", () => {
  const survivors = [{ pid: 12, command: "node a.js" }];
  assert.equal(
    wordsOf(error("STOP_INCOMPLETE", { survivors })),
    "It went wrong. Still running: 12 (node a.js). Do this.",
  );
});

test("what is as it should be is information, what a person can settle a warning, and no fault", () => {
  const severities = (
    ["NOT_RUNNING", "UNTRUSTED_WORKSPACE", "DEADLINE", "EXITED_EARLY", "INTERNAL"] as const
  ).map((code) => severityOf(error(code)));
  assert.deepEqual(severities, ["information", "warning", "warning", "error", "error"]);
});

test("cancelling is not an error to tell", () => {
  assert.equal(isWorthSaying(error("CANCELLED")), false);
  assert.equal(isWorthSaying(error("DEADLINE")), true);
});
