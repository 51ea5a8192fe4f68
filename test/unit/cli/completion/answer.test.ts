import assert from "node:assert/strict";
import { it } from "node:test";
import { declaredBy } from "../../../../daemon/cli/arguments/declared-by.ts";
import { answerLines } from "../../../../daemon/cli/completion/answer.ts";
import type { Surroundings } from "../../../../daemon/cli/completion/names.ts";
import { verbs as all } from "../../../../daemon/cli/verbs/all.ts";

const verbs = await declaredBy(all);

/** Where a daemon answers with these apps. */
function knowing(apps: readonly string[]): Surroundings {
  const request = async (method: string) =>
    method === "sandbox/describe"
      ? { sandboxId: "s", apps: apps.map((app) => ({ app, framework: "next" })) }
      : { sessions: [] };
  const context = { cwd: "/", signal: new AbortController().signal, connect: async () => ({ request }) };
  return context as unknown as Surroundings;
}

it("offers only names that are one plain word in every shell", async () => {
  const hostile = [
    "$(id)",
    "`id`",
    "a b",
    "a;b",
    "a'b",
    'a"b',
    "a\nb",
    "a\tb",
    "\u001b]0;x\u0007",
    "*",
    "a&b",
    "{a,b}",
    "~",
  ];
  const lines = await answerLines(
    { before: ["start"], current: "" },
    verbs,
    knowing([...hostile, "web", "a-b_1"]),
  );
  assert.deepEqual(lines, ["web\tnext", "a-b_1\tnext"]);
});

it("answers with what begins as typed, and behind = with the whole word", async () => {
  const names = knowing(["web", "worker", "api"]);
  assert.deepEqual(await answerLines({ before: ["start"], current: "w" }, verbs, names), [
    "web\tnext",
    "worker\tnext",
  ]);
  const kinds = await answerLines({ before: ["logs", "web"], current: "--kind=e" }, verbs, names);
  assert.deepEqual(kinds, ["--kind=event\t"]);
});

it("knows the usual apps where no daemon answers", async () => {
  const names = {
    ...knowing([]),
    connect: () => Promise.reject(new Error("none")),
  } as unknown as Surroundings;
  assert.deepEqual(await answerLines({ before: ["stop"], current: "" }, verbs, names), ["web\t", "mobile\t"]);
});

it("knows the pages of help, what is said less with, and the long status", async () => {
  const none = knowing([]);
  const topics = await answerLines({ before: ["help"], current: "" }, verbs, none);
  for (const topic of ["agents", "redis", "worktrees", "start"])
    assert.ok(
      topics.some((line) => line.startsWith(`${topic}\t`)),
      topic,
    );
  assert.deepEqual(await answerLines({ before: ["help"], current: "wor" }, verbs, none), ["worktrees\t"]);
  assert.match(
    (await answerLines({ before: ["status"], current: "--lo" }, verbs, none))[0] ?? "",
    /^--long\t/,
  );
  assert.match(
    (await answerLines({ before: ["start"], current: "--qu" }, verbs, none))[0] ?? "",
    /^--quiet\t/,
  );
});
