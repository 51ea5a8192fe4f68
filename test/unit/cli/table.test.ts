import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { indented, type Paint, uncut } from "../../../daemon/cli/output/style.ts";
import { aligned, table } from "../../../daemon/cli/output/table.ts";
import { padded, shorten, shortenPath, widthOf } from "../../../daemon/cli/output/width.ts";

const plain: Paint = (_format, text) => text;
const dim = (text: string) => `\u001b[2m${text}\u001b[22m`;

/** For a terminal that is so wide. */
function wide(columns: number): Paint {
  return Object.assign((_format: unknown, text: string) => text, { columns });
}

describe("the width of a text", () => {
  it("is what a terminal shows of it", () => {
    assert.equal(widthOf("web · ready…"), 12);
    assert.equal(widthOf(dim("ready")), 5);
    assert.equal(widthOf("漢字"), 4);
    assert.equal(widthOf("🚀"), 2);
    assert.equal(widthOf("👨‍👩‍👧"), 2, "people joined to one sign");
    assert.equal(widthOf("e\u0301"), 1, "an accent of its own");
  });

  it("is kept to by ending with an ellipsis, a path by one in its middle", () => {
    assert.equal(shorten("abcdef", 4), "abc…");
    assert.equal(shorten("abcd", 4), "abcd");
    assert.equal(shorten("漢字漢字", 5), "漢字…");
    assert.equal(widthOf(shorten("a漢字漢字", 5)), 4, "no half of a wide character");
    assert.equal(shortenPath("/home/ann/projects/shop", 11), "/home…/shop");
    assert.equal(widthOf(shorten(dim("abcdef"), 4)), 4);
    assert.equal(padded("漢", 4), "漢  ");
  });
});

describe("tables", () => {
  it("align columns whatever their colours, and end without spaces", () => {
    const rows = [
      [dim("ready"), "1"],
      ["failed long", ""],
    ];
    assert.equal(
      table(["STATE", "PID"], rows, plain),
      "STATE        PID\n\u001b[2mready\u001b[22m        1\nfailed long",
    );
  });

  it("align what is twice as wide as it is long", () => {
    assert.deepEqual(
      aligned(
        [
          ["漢字", "a"],
          ["web", "b"],
          ["🚀", "c"],
        ],
        undefined,
      ),
      ["漢字  a", "web   b", "🚀    c"],
    );
  });

  it("are as wide as the terminal at most: the widest column gives", () => {
    const rows = [
      ["web", "node server.js --watch --inspect --port 3000", "/home/ann/projects/shop/apps/web"],
    ];
    for (const columns of [100, 80, 60, 40]) {
      const lines = table(["APP", "COMMAND", "DIRECTORY"], rows, wide(columns)).split("\n");
      for (const line of lines) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
      assert.match(lines[1] ?? "", /^web /, "what is short stays whole");
    }
    const [, line = ""] = table(["APP", "COMMAND", "DIRECTORY"], rows, wide(60)).split("\n");
    assert.match(line, /^web {2}node server\.js.*… {2}\/home\/.*….*\/web$/);
  });

  it("leave the beginning of a command, and of a directory both ends", () => {
    const text = table(
      ["COMMAND", "DIRECTORY"],
      [["/usr/bin/node server.js --watch", "/srv/a/long/way/to/shop"]],
      wide(36),
    );
    assert.match(text, /\n\/usr\/bin\/node.*… {2}\/srv.*….*\/shop$/);
  });

  it("show what is agreed to whole", () => {
    assert.equal(uncut(wide(20)).columns, undefined);
  });

  it("aren't cut where they are no terminal's", () => {
    const long = "x".repeat(500);
    assert.equal(table(["A"], [[long]], plain), `A\n${long}`);
  });

  it("spare addresses while something else can give", () => {
    const url = "http://localhost:3000/a/rather/long/path";
    const [, line = ""] = table(["URL", "WHAT"], [[url, "w".repeat(60)]], wide(60)).split("\n");
    assert.ok(line.startsWith(url), line);
    assert.equal(widthOf(line), 60);
  });

  it("hold on terminals narrower than anything", () => {
    for (const columns of [1, 2, 5, 20]) {
      const lines = table(["APP", "PID", "URL"], [["web", "4242", "http://localhost:3000"]], wide(columns));
      for (const line of lines.split("\n")) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
    }
  });

  it("let the last cell of a short row go on over the columns it doesn't have", () => {
    const rows = [
      ["web", "ready", "http://localhost:3000", "you"],
      ["api", "failed · Error: listen EADDRINUSE: address already in use"],
    ];
    assert.deepEqual(aligned(rows, undefined), [
      "web  ready  http://localhost:3000  you",
      "api  failed · Error: listen EADDRINUSE: address already in use",
    ]);
    const [first, second = ""] = aligned(rows, 40);
    assert.equal(first, "web  ready  http://localhost:3000  you");
    assert.equal(widthOf(second), 40);
    assert.ok(second.endsWith("…"));
  });

  it("leave room for what they are indented by", () => {
    assert.equal(indented(wide(80), 2).columns, 78);
    assert.equal(indented(plain, 2).columns, undefined);
  });
});
