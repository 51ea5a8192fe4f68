import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { splitAtSignals } from "../../../daemon/cli/attach/keys.ts";
import { asideIn, asideText } from "../../../daemon/cli/foreground/aside.ts";
import { leftText } from "../../../daemon/cli/foreground/leave.ts";

describe("whether dev is more than its command", () => {
  it("isn't in a build, and where it is turned off, which comes first", () => {
    for (const value of ["0", "false", "off", "No"])
      assert.deepEqual(asideIn({ DEVLATCH: value, CI: "1" }), { kind: "off", variable: `DEVLATCH=${value}` });
    for (const value of ["1", "true", "woodpecker"]) assert.deepEqual(asideIn({ CI: value }), { kind: "ci" });
  });

  it("is without such variables, and where they say no", () => {
    for (const env of [{}, { CI: "" }, { CI: "false" }, { CI: "0" }, { DEVLATCH: "1" }, { DEVLATCH: "" }])
      assert.equal(asideIn(env), undefined, JSON.stringify(env));
  });

  it("says nothing within a session, and why elsewhere", () => {
    assert.equal(asideText({ kind: "within" }, "next dev"), undefined);
    assert.match(
      asideText({ kind: "unable", why: "No daemon." }, "next dev") ?? "",
      /just `next dev`.*No daemon\./,
    );
  });
});

describe("leaving a server", () => {
  const holder = (label: string) => ({ kind: "program" as const, label, since: 1, machine: "box" });
  const left = (...labels: string[]) =>
    leftText("web", { outcome: "left", byHand: false, others: labels.map(holder) });

  it("names who uses it, and not too many", () => {
    assert.equal(left("a"), "devlatch: left web, which runs on for a.");
    assert.equal(left("a", "b", "c", "d", "e"), "devlatch: left web, which runs on for a; b; c and 2 more.");
    assert.equal(left(), "devlatch: left web, which runs on.");
  });

  it("says that it was stopped, that it was started by hand, and nothing of one that is gone", () => {
    const none = { byHand: false, others: [] };
    assert.match(leftText("web", { outcome: "stopped", ...none }) ?? "", /stopped: no one else used it/);
    assert.match(leftText("web", { outcome: "left", byHand: true, others: [] }) ?? "", /by hand/);
    assert.equal(leftText("web", { outcome: "not_running", ...none }), undefined);
  });
});

describe("keys of a script in a terminal", () => {
  it("Ctrl-C and Ctrl-Z are its own, however a terminal sends them; all else is the server's", () => {
    for (const key of ["\u0003", "\u001b[99;5u", "\u001b[27;5;99~"])
      assert.deepEqual(splitAtSignals(`ab${key}c`), { before: "ab", key: "leave" });
    for (const key of ["\u001a", "\u001b[122;5u"])
      assert.deepEqual(splitAtSignals(`${key}x`), { before: "", key: "suspend" });
    for (const keys of ["\u001d", "\u0004", "rs\r", "\u001b[A"])
      assert.deepEqual(splitAtSignals(keys), { before: keys });
  });
});
