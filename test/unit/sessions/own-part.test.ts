import assert from "node:assert/strict";
import { test } from "node:test";
import { hasOwnPart, ownPartEnd, PartWatch, startsOwnPart } from "../../../daemon/sessions/own-part.ts";

const crashed = ["[web] > node web.js", "[api] up", "[web] npm run dev:web exited with code 1"];

for (const [what, lines, code] of [
  ["its runner says so", crashed, "1"],
  ["others go on writing", [...crashed, "[api] GET /"], "1"],
  ["by a signal", ["[dev:web] node web.js exited with code SIGKILL"], "SIGKILL"],
  ["not where it was started again", [...crashed, "[web] npm run dev:web restarted"], undefined],
  ["not where it was stopped", ["[web] node web.js exited with code SIGTERM"], undefined],
  ["not where its work is done", ["[web] node web.js exited with code 0"], undefined],
  ["not where another part has", ["[api] node api.js exited with code 1"], undefined],
  ["not where something beside it has", ["[web:css] postcss exited with code 1"], undefined],
  [
    "of a numbered part that runs its framework",
    ["[0] built", "[1] next dev exited with code 1", "[0] built"],
    "1",
  ],
  ["of a numbered part that runs its script", ["[0] npm run dev:web exited with code 7"], "7"],
  ["not of another numbered part", ["[0] contentlayer dev exited with code 1", "[1] next dev"], undefined],
  [
    "not of one that was started again",
    ["[1] next dev exited with code 1", "[1] next dev restarted"],
    undefined,
  ],
  ["not of a named part, whatever it runs", ["[docs] next dev exited with code 1"], undefined],
  ["not by what no runner says", ["web exited with code 1"], undefined],
] as const) {
  test(`the app's own part has ended: ${what}`, () =>
    assert.equal(ownPartEnd(lines, { app: "web", framework: "next" })?.code, code));
}

test("a part is the app's own by its name alone", () => {
  assert.ok(hasOwnPart(["[Web] hello"], "web"));
  assert.ok(!hasOwnPart(["[webpack] hello", "[web:css] hello", "web: hello"], "web"));
});

for (const [command, starts] of [
  ["node /app/node_modules/.bin/concurrently -n web,api npm:dev:web npm:dev:api", true],
  ["node /app/node_modules/concurrently/dist/bin/concurrently.js npm:dev:web npm:dev:api", true],
  ["run-p -l dev:web dev:api", true],
  ["sh -c concurrently -n api,css 'npm run api' 'npm run web:css'", false],
  ["npm run dev:web", false],
  ["node web.js", false],
] as const) {
  test(`${starts ? "a" : "no"} part called web is started by ${command}`, () =>
    assert.equal(startsOwnPart([command], "web"), starts));
}

test("an end counts once nothing else was said of the part for a while", () => {
  let lines: readonly string[] = crashed;
  const watch = new PartWatch({ app: "web" }, () => lines);
  assert.equal(watch.look(0), undefined);
  assert.equal(watch.look(1_900), undefined);
  lines = [...crashed, "[web] npm run dev:web restarted"];
  assert.equal(watch.look(2_200), undefined);
  lines = crashed;
  assert.equal(watch.look(2_500), undefined);
  assert.deepEqual(watch.look(4_500), { part: "web", code: "1" });
});
