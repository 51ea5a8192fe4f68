import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "../../../shared/base/errors.ts";
import { momentOf } from "../../../shared/operations/moment.ts";

const now = new Date(2026, 2, 5, 14, 0, 0).getTime();

for (const [text, expected] of [
  ["30s", now - 30_000],
  ["1.5h", now - 5_400_000],
  ["2d", now - 2 * 86_400_000],
  ["13:59", new Date(2026, 2, 5, 13, 59).getTime()],
  ["14:01", new Date(2026, 2, 4, 14, 1).getTime()],
  ["9:05:07", new Date(2026, 2, 5, 9, 5, 7).getTime()],
  ["2026-03-01", new Date(2026, 2, 1).getTime()],
  ["2026-03-01T14:30", new Date(2026, 2, 1, 14, 30).getTime()],
  ["2026-03-01T14:30:00Z", Date.UTC(2026, 2, 1, 14, 30)],
] as const) {
  test(`${text} is understood`, () => assert.equal(momentOf("since", text, now), expected));
}

test("anything else is refused, and the flag is named", () => {
  for (const text of ["", "yesterday", "10", "5 m", "1h30", "-3m", "3", "2026-13-01"])
    assert.throws(
      () => momentOf("since", text, now),
      (error) => hasCode(error, "INVALID_INPUT") && error.message.startsWith("--since wants a moment"),
      text,
    );
  assert.equal(momentOf("since", undefined, now), undefined);
});
