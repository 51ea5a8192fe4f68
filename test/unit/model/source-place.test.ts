import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { placeWords } from "../../../shared/model/build-words.ts";
import { cleanFile, parsePlace, placesIn } from "../../../shared/model/source-place.ts";

/** What stands where: the text of each place, and how it is understood. */
const found = (line: string) =>
  placesIn(line).map(({ place, start, length }) => [line.slice(start, start + length), placeWords(place)]);

describe("a place in the code", () => {
  it("is a path, whatever bundlers and runtimes make of it", () => {
    assert.equal(cleanFile("./app/page.js"), "app/page.js");
    assert.equal(cleanFile("webpack-internal:///(rsc)/./app/page.js"), "app/page.js");
    assert.equal(cleanFile("[project]/app/layout.js"), "app/layout.js");
    assert.equal(cleanFile("file:///srv/a%20b/x.js"), "/srv/a b/x.js");
    assert.equal(cleanFile("/srv/app/src/a.ts?t=17"), "/srv/app/src/a.ts");
    assert.deepEqual(parsePlace("C:\\app\\a.ts:3:9"), { file: "C:\\app\\a.ts", line: 3, column: 9 });
  });

  it("is found in a line, exactly", () => {
    assert.deepEqual(found("⨯ ./app/page.js:3:9"), [["./app/page.js:3:9", "app/page.js:3:9"]]);
    assert.deepEqual(found("    at f (/srv/app/a.js:3:9)"), [["/srv/app/a.js:3:9", "/srv/app/a.js:3:9"]]);
    assert.deepEqual(found("a.ts(3,9): error TS2304"), [["a.ts(3,9)", "a.ts:3:9"]]);
    assert.deepEqual(found("   ╭─[ src/b.ts:1:26 ]"), [["src/b.ts:1:26", "src/b.ts:1:26"]]);
    assert.deepEqual(found("see a.ts:1, b.ts:2."), [
      ["a.ts:1", "a.ts:1"],
      ["b.ts:2", "b.ts:2"],
    ]);
  });

  it("isn't a URL, a time of day, a port or a file without a line", () => {
    for (const line of [
      "http://localhost:3000",
      "http://x.org/a.js:1:1",
      "12:30:01",
      "a.ts",
      "localhost:80",
      "v1.2:3",
    ])
      assert.deepEqual(found(line), [], line);
  });
});
