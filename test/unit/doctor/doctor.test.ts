import assert from "node:assert/strict";
import { test } from "node:test";
import type { Check, Suspect } from "../../../daemon/doctor/check.ts";
import { Doctor, type Tried } from "../../../daemon/doctor/doctor.ts";
import { hasCode } from "../../../shared/base/errors.ts";

const { signal } = new AbortController();

function suspect(id: string, fix: () => Promise<unknown> = async () => {}): Suspect {
  return {
    id,
    level: "problem",
    summary: `${id} is left over`,
    remedy: "Remove it.",
    action: "Remove it",
    fix,
  };
}

/** A check that sees this in its looks, one after another; the last again and again. */
function check(name: string, ...looks: readonly (readonly Suspect[])[]): Check {
  let times = 0;
  return { name, look: async () => looks[Math.min(times++, looks.length - 1)] ?? [] };
}

test("only what is the very same in several looks is a finding: what comes and goes is a busy system", async () => {
  const doctor = new Doctor([
    check("gone", [suspect("gone:1")], []),
    check("replaced", [suspect("replaced:1")], [suspect("replaced:2")], [suspect("replaced:3")]),
    check("late", [suspect("late:1")], [suspect("late:1")], []),
    check("stays", [suspect("stays:1"), suspect("stays:2")], [suspect("stays:1")]),
  ]);
  const findings = await doctor.examine(signal);
  assert.deepEqual(
    findings.map(({ fix, summary }) => [fix?.id, summary]),
    [["stays:1", "stays:1 is left over"]],
  );
});

test("a check that fails is told, and hinders no other", async () => {
  const broken: Check = { name: "broken", look: () => Promise.reject(new Error("no permission")) };
  const findings = await new Doctor([broken, check("fine", [suspect("fine:1")])]).examine(signal);
  assert.deepEqual(
    findings.map(({ check: name, level, fix }) => [name, level, fix?.id]),
    [
      ["broken", "warning", undefined],
      ["fine", "problem", "fine:1"],
    ],
  );
  assert.match(findings[0]?.summary ?? "", /no permission/);
});

test("before all records were read nothing is taken for left over, and nothing is fixed", async () => {
  const doctor = new Doctor([check("stays", [suspect("stays:1")])], () => false);
  assert.deepEqual(
    (await doctor.examine(signal)).map(({ level, fix }) => [level, fix]),
    [["warning", undefined]],
  );
  await assert.rejects(doctor.fix("stays:1", signal), (error) => hasCode(error, "STORE_UNAVAILABLE"));
});

test("a fix looks again before and after: gone is left alone, and what stays is no success", async () => {
  let fixed = 0;
  const fix = async () => {
    fixed++;
  };
  const tried: Tried[] = [];
  const checks = [
    check("gone", []),
    check("works", [suspect("works:1", fix)], []),
    check("stays", [suspect("stays:1", fix)]),
  ];
  const doctor = new Doctor(
    checks,
    () => true,
    (one) => void tried.push(one),
  );
  assert.equal(await doctor.fix("gone:1", signal), "gone");
  assert.equal(fixed, 0);
  assert.equal(await doctor.fix("works:1", signal), "fixed");
  await assert.rejects(doctor.fix("stays:1", signal), (error) => hasCode(error, "STOP_INCOMPLETE"));
  await assert.rejects(doctor.fix("unheard:1", signal), (error) => hasCode(error, "INVALID_INPUT"));
  const told = tried.map(({ summary, failure }) => [summary, failure?.replace(/:.*/, "")]);
  assert.deepEqual(told, [
    [suspect("works:1").summary, undefined],
    [suspect("stays:1").summary, "It is still there after it was fixed"],
  ]);
});
