import assert from "node:assert/strict";
import { test } from "node:test";
import { sandboxWord, withReferences } from "../../../daemon/sessions/references.ts";

const there = {
  ports: { api: 4000, db: 5432 },
  urls: { api: "https://localhost:4000" },
  sandboxId: "team.Box-1",
};
const of = (value: string) => withReferences({ A: value }, "web", there)["A"];
const braced = (words: string) => `\${${words}}`;

for (const [value, becomes] of [
  [braced("port:api"), "4000"],
  [`${braced("url:api")}/v1`, "https://localhost:4000/v1"],
  [
    `postgres://localhost:${braced("port:db")}/shop_${braced("sandbox")}`,
    "postgres://localhost:5432/shop_team_box_1",
  ],
  [braced("HOME"), braced("HOME")],
  ["$PORT costs $5", "$PORT costs $5"],
  [`${braced("port:api")}${braced("port:api")}`, "40004000"],
] as const) {
  test(`${value} is ${becomes}`, () => assert.equal(of(value), becomes));
}

for (const [value, said] of [
  [braced("port:apy"), /A of web refers to \$\{port:apy\}.*Apps here: api, db\./s],
  [braced("url:db"), /It runs elsewhere: use \$\{port:db\}\./],
  [braced("prot:api"), /There are \$\{port:APP\}, \$\{url:APP\}, \$\{sandbox\}\./],
  [braced("port:__proto__"), /is nothing|Apps here/],
  [braced("port:constructor"), /is nothing|Apps here/],
] as const) {
  test(`${value} is refused with what there is`, () =>
    assert.throws(
      () => of(value),
      (error: { code: string; message: string; remedy: string }) => {
        assert.equal(error.code, "CONFIG_INVALID");
        assert.match(`${error.message} ${error.remedy}`, said);
        return true;
      },
    ));
}

test("what a value becomes isn't looked at again", () => {
  const urls = { api: braced("sandbox") };
  assert.equal(withReferences({ A: braced("url:api") }, "web", { ...there, urls })["A"], braced("sandbox"));
});

test("a sandbox's id becomes a word that databases take", () => {
  assert.equal(sandboxWord("sb_0123456789abcdef"), "sb_0123456789abcdef");
  assert.equal(sandboxWord("Team.Box-2"), "team_box_2");
});
