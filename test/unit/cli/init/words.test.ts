import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { check } from "../../../../daemon/cli/arguments/check.ts";
import { declaredBy } from "../../../../daemon/cli/arguments/declared-by.ts";
import { parse } from "../../../../daemon/cli/arguments/parse.ts";
import { diffOf } from "../../../../daemon/cli/init/diff.ts";
import { paragraph, skill } from "../../../../daemon/cli/init/texts.ts";
import { verbs } from "../../../../daemon/cli/verbs/all.ts";
import { readShellLine } from "../../../../daemon/detect/shell-words.ts";
import { tools } from "../../../../shared/agents/tools.ts";
import type { Operation } from "../../../../shared/operations/operation.ts";
import { repository } from "../../../support/paths.ts";

function changeOf(before: string | undefined, after: string | undefined) {
  const document = before === undefined ? undefined : { bytes: Buffer.from(before), text: before, mark: "" };
  return { path: "a.json", file: "/r/a.json", maxBytes: undefined, before: document, after };
}

describe("a change, shown", () => {
  it("is a unified diff without line ends, and without what could act on a terminal", () => {
    assert.equal(
      diffOf(changeOf("a\r\nb\u{1b}[2J\r\n", "a\r\nb\u{1b}[2J\r\nc\u{7}\r\n")),
      "--- a.json\n+++ a.json\n@@ -1,2 +1,3 @@\n a\n b\n+c\u{fffd}",
    );
    assert.match(diffOf(changeOf(undefined, "x\n")), /^--- \/dev\/null\n\+\+\+ a\.json\n/);
    assert.match(diffOf(changeOf("x\n", undefined)), /\n\+\+\+ \/dev\/null\n.*\n-x/);
  });

  it("shows the change alone where a file is one long line, with no secret far from it", () => {
    const file = `{"token":"secret",${'"x":1,'.repeat(200)}"servers":{}}`;
    const shown = diffOf(
      changeOf(file, file.replace('"servers":{}', '"servers":{"devlatch":{"command":"d"}}')),
    );
    assert.match(shown, /^\+….*"x":1,"servers":\{"devlatch":\{"command":"d"\}\}\}…$/m);
    assert.ok(shown.length < 400, shown);
    assert.doesNotMatch(shown, /secret/);
    const beside = `${"word ".repeat(100)}secret\nlast\n`;
    assert.match(diffOf(changeOf(beside, `${beside}new\n`)), /\n word word .*…\n last\n\+new$/);
  });
});

describe("what agents are told", () => {
  it("has commands that there are, each with flags that it takes", async () => {
    const page = readFileSync(join(repository, "docs/init.md"), "utf8");
    const lines = [...`${skill}\n${page}`.matchAll(/^devlatch .*$/gm)].map(([line]) =>
      line.replace(/\s+#.*/, ""),
    );
    const inline = [...`${skill}\n${paragraph.join("\n")}`.matchAll(/`(devlatch [a-z][^`]*)`/g)];
    const all = [...lines, ...inline.map(([, line = ""]) => line)];
    assert.ok(all.length > 12);
    const declared = await declaredBy(verbs);
    for (const line of all) {
      const [, name = "", ...rest] = readShellLine(line).tokens.map((token) =>
        token.kind === "word" ? token.text : "",
      );
      const operation: Operation | undefined = await (await verbs[name]?.())?.operation();
      assert.ok(operation, line);
      const words = rest.map((word) => (word === "APP" ? "web" : word));
      const parsed = parse([name, ...words], declared);
      assert.ok(parsed.kind === "run", line);
      check(operation.options, parsed.invocation.options, "flag");
    }
  });

  it("names tools that there are", () => {
    const named = `${skill}\n${paragraph.join("\n")}`.match(/devlatch_\w+/g) ?? [];
    const there = tools.map(({ name }) => name);
    assert.ok(named.length > 3);
    assert.deepEqual(
      named.filter((name) => !there.includes(name)),
      [],
    );
  });

  it("is a skill of one page that agentskills.io's format allows", () => {
    const [, head = "", body = ""] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(skill) ?? [];
    assert.match(head, /^name: devlatch$/m);
    const description = /^description: (.*)$/m.exec(head)?.[1] ?? "";
    assert.ok(description.length > 100 && description.length <= 1024);
    assert.doesNotMatch(description, /: |\s#/, "plain text of YAML");
    assert.ok(body.split("\n").length <= 60);
  });
});
