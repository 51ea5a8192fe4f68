import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fieldsOf } from "../../../../daemon/cli/arguments/flags.ts";
import { cwdIn, type Wanted, wantedAt } from "../../../../daemon/cli/completion/wanted.ts";
import { type OperationName, operations } from "../../../../shared/operations/operations.ts";

/** What may stand at the end of a line; its last word is the one at the cursor. */
function at(line: string): Wanted {
  const words = line.split(" ");
  const verb = words.slice(0, -1).find((word) => Object.hasOwn(operations, word)) as
    | OperationName
    | undefined;
  const operation = verb && operations[verb];
  const taken = operation && { args: fieldsOf(operation.args), options: fieldsOf(operation.options) };
  return wantedAt({ before: words.slice(0, -1), current: words.at(-1) ?? "" }, taken);
}

function flags(line: string): string[] {
  const wanted = at(line);
  return wanted.kind === "flags" ? wanted.flags.map(({ flag }) => flag) : [];
}

describe("at the cursor may stand", () => {
  const cases: [string, Wanted][] = [
    ["", { kind: "verbs" }],
    ["--cwd /x st", { kind: "verbs" }],
    ["--cwd ", { kind: "shell", what: "directories" }],
    ["start ", { kind: "names", of: "apps" }],
    ["start --timeout 3 ", { kind: "names", of: "apps" }],
    ["--json --cwd /x start ", { kind: "names", of: "apps" }],
    ["start --on-conflict ", { kind: "words", words: ["fail", "next"] }],
    ["env --app ", { kind: "names", of: "apps" }],
    ["run ", { kind: "names", of: "runs" }],
    ["run a -- npm ", { kind: "shell", what: "command" }],
    ["status -- ", { kind: "words", words: [] }],
    ["sandbox ", { kind: "words", words: ["claim", "renew", "release", "list"] }],
    ["sandbox release ", { kind: "names", of: "sandboxes" }],
    ["diagnostics --output ", { kind: "shell", what: "files" }],
    ["start --timeout ", { kind: "words", words: [] }],
    ["nonsense ", { kind: "words", words: [] }],
  ];
  for (const [line, wanted] of cases)
    it(`devlatch ${line}|: ${JSON.stringify(wanted)}`, () => assert.deepEqual(at(line), wanted));

  it("flags, but none twice unless it may be repeated", () => {
    assert.ok(flags("start web --").includes("--port"));
    assert.ok(!flags("start web --port 3000 --").includes("--port"));
    assert.ok(flags("run a --env A=1 --").includes("--env"));
    assert.ok(flags("--v").includes("--version"));
    assert.ok(!flags("start --v").includes("--version"));
  });

  it("flags, where no more words are taken", () => assert.ok(flags("start web ").includes("--port")));
});

it("names are those of the directory that --cwd says", () => {
  assert.equal(cwdIn(["--cwd", "/a", "start", "--cwd", "/b"]), "/b");
  assert.equal(cwdIn(["start"]), undefined);
});
