import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parse } from "jsonc-parser";
import { type FilePart, together } from "../../../../daemon/cli/init/edit.ts";
import { commandHook, guardPart } from "../../../../daemon/cli/init/guard-part.ts";
import { serverLaunch } from "../../../../daemon/cli/init/program.ts";
import { serverPart } from "../../../../daemon/cli/init/server-part.ts";

const server = serverPart({ path: ".mcp.json" }, serverLaunch("path"));
const group = { matcher: "Bash", hooks: [commandHook("devlatch guard")] };
const guard = guardPart({ path: ".claude/settings.json", event: "PreToolUse", hook: group });
const cursorGuard = guardPart({
  ...{ path: ".cursor/hooks.json", event: "beforeShellExecution" },
  ...{ hook: { command: "devlatch guard" }, rest: { version: 1 } },
});
/** Two entries in one file, as Gemini CLI has them. */
const both = together(server, guard);
const parts = { server, guard, cursorGuard, both };

function put(part: FilePart, text: string | undefined): string {
  const edit = part.put(text);
  assert.ok(edit.kind === "text" && edit.text !== undefined, JSON.stringify(edit));
  return edit.text;
}

function take(part: FilePart, text: string): string | undefined {
  const edit = part.take(text);
  assert.equal(edit.kind, "text", JSON.stringify(edit));
  return edit.kind === "text" ? edit.text : undefined;
}

/** Files of others, each formatted in its own way. */
const foreign: Readonly<Record<string, string>> = {
  "an empty object": "{}",
  "an empty object with a line end": "{}\n",
  "an empty object of two lines": "{\n}\n",
  "an empty list of servers": '{"mcpServers":{}}',
  "an empty list of servers on lines": '{\n  "mcpServers": {\n  }\n}\n',
  "a comment in an empty list": '{\n  "mcpServers": {\n    // none yet\n  }\n}\n',
  tabs: '{\n\t"mcpServers": {\n\t\t"a": { "command": "x" }\n\t}\n}\n',
  "four spaces": '{\n    "permissions": {\n        "allow": ["Bash(ls)"]\n    }\n}\n',
  "Windows' line ends": '{\r\n  "a": [\r\n    1\r\n  ]\r\n}\r\n',
  "no final line end": '{\n  "a": 1\n}',
  "a trailing comma": '{\n  "mcpServers": {\n    "a": {},\n  },\n}\n',
  "a comment behind the last member": '{\n  "a": 1 // last  \n}\n',
  "a comment and a comma behind it": '{\n  "a": 1, // last\n  // and more\n}\n',
  "a comma on a line of its own": '{\n    "a": 1 // last\n  , "b": 2\n  ,\n}',
  "one line": '{ "a": 1, "b": { "c": [] } }\n',
  "no white space": '{"a":1,"hooks":{"PreToolUse":[{"matcher":"Edit","hooks":[]}]}}',
  "a line comment in one line": '{"a": 1 // x\n}',
  "a block comment in one line": '{"a": 1 /* x */}',
  "comments around": '// top\n/* more */ {"a": 1} // end\n\n',
  "empty lines": '{\n\n  "a": 1,\n\n  "b": 2\n\n}\n\n\n',
  "an empty list of hooks": '{"hooks": {"PreToolUse": [], "beforeShellExecution": [ ]}}',
  "hooks of others":
    '{\n  "version": 1,\n  "hooks": {\n    "beforeShellExecution": [\n      { "command": "x" }\n    ],\n' +
    '    "PreToolUse": [\n      { "matcher": "Bash", "hooks": [{ "type": "command", "command": "y" }] }\n    ]\n  }\n}\n',
  "the rest of a new file": '{\n  "version": 1\n}\n',
};

describe("an entry in a JSON file of others", () => {
  for (const [name, part] of Object.entries(parts)) {
    for (const [what, text] of Object.entries(foreign)) {
      it(`${name} goes in and out of ${what} byte for byte`, () => {
        const added = put(part, text);
        assert.notEqual(added, text);
        assert.equal(put(part, added), added, "a second time changes nothing");
        assert.equal(take(part, added), text);
        assert.equal(take(part, text), text, "where it isn't, nothing is taken out");
      });
    }

    it(`${name}: a file that was made for it goes with it`, () => {
      const made = put(part, undefined);
      assert.equal(put(part, made), made);
      assert.equal(take(part, made), undefined);
      assert.equal(take(part, made.replaceAll("\n", "\r\n")), undefined, "checked out on Windows");
    });
  }

  it("goes in and out of whatever JSON with comments there can be", () => {
    fc.assert(
      fc.property(document, fc.constantFrom(...Object.values(parts)), (text, part) => {
        const edit = part.put(text);
        if (edit.kind === "left") return;
        assert.ok(edit.text !== undefined);
        const value: unknown = parse(text);
        assert.deepEqual(without(parse(edit.text), value), value);
        assert.equal(take(part, edit.text), text);
      }),
      { numRuns: 1500 },
    );
  });

  it("keeps what others added to a file that init made", () => {
    const made = put(server, undefined);
    const more = made.replace('["mcp"]\n    }', '["mcp"]\n    },\n    "other": { "command": "x" }');
    assert.notEqual(more, made);
    assert.equal(take(server, more), '{\n  "mcpServers": {\n    "other": { "command": "x" }\n  }\n}\n');
    const cursor = put(cursorGuard, undefined).replace('"version": 1', '"version": 2');
    assert.equal(take(cursorGuard, cursor), '{\n  "version": 2\n}\n');
  });

  it("is taken out of a group of hooks that the user put it in", () => {
    const theirs =
      '{"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "x"}]}]}}';
    const both = theirs.replace(
      '"command": "x"}',
      '"command": "x"}, {"type": "command", "command": "devlatch guard"}',
    );
    assert.equal(put(guard, both), both, "it is there already");
    assert.equal(take(guard, both), theirs);
  });

  it("is known in every form that init writes, and in no other", () => {
    const npx =
      '{"mcpServers": {"devlatch": {"args": ["-y", "devlatch", "mcp"], "command": "npx", "type": "stdio"}}}';
    assert.equal(put(server, npx), npx);
    const own = '{"mcpServers": {"devlatch": {"command": "node", "args": ["mine.js"]}}}';
    assert.deepEqual(server.put(own), {
      kind: "left",
      why: "has mcpServers.devlatch already, not as init writes it",
    });
    assert.equal(take(server, own), own);
  });

  it("goes in where the other of two can't", () => {
    const own = '{"mcpServers": {"devlatch": {"command": "mine"}}}';
    assert.match(put(both, own), /"mine".*"PreToolUse"/);
    assert.equal(take(both, put(both, own)), own);
    assert.equal(both.put('{"hooks": [], "mcpServers": []}').kind, "left");
  });

  it("stays out of what can't be read, or is of another form", () => {
    for (const text of ["", "  \n", "{", '{"a": 1, "a": 2}', "[]", "3", `${"[".repeat(5000)}`])
      assert.equal(server.put(text).kind, "left", text.slice(0, 20));
    for (const text of [
      '{"mcpServers": []}',
      '{"mcpServers": null}',
      '{"hooks": []}',
      '{"hooks": {"PreToolUse": {}}}',
    ])
      assert.equal((text.includes("hooks") ? guard : server).put(text).kind, "left", text);
  });
});

/** White space and comments as they may stand between two tokens. */
const trivia = fc.constantFrom(
  "",
  "",
  " ",
  "\n",
  "\n  ",
  "\n\t\t",
  "\r\n    ",
  " /* a */ ",
  " // b\n",
  "\n\n",
  " //  c \r\n  ",
);

/** A value with its text: keys are distinct, and some are those that init looks for. */
const { value: valueText } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("1", "null", '"x"', '"{\\"a\\" // , }"'),
    tie("object"),
    fc
      .tuple(fc.array(fc.tuple(trivia, tie("value"), trivia), { maxLength: 3 }), trivia, fc.boolean())
      .map(([items, gap, comma]) =>
        list(
          "[",
          items.map(([a, text, b]) => a + text + b),
          gap,
          comma,
          "]",
        ),
      ),
  ),
  object: members(tie("value")),
}));

function members(inner: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const key = fc.constantFrom("a", "b", "mcpServers", "hooks", "PreToolUse", "version", "devlatch2");
  const member = fc.tuple(key, trivia, trivia, inner, trivia, trivia);
  const all = fc.uniqueArray(member, { maxLength: 4, selector: ([name]) => name });
  return fc.tuple(all, trivia, fc.boolean()).map(([some, gap, comma]) =>
    list(
      "{",
      some.map(([name, a, b, text, c, d]) => `${a}"${name}"${b}:${c}${text}${d}`),
      gap,
      comma,
      "}",
    ),
  );
}

function list(open: string, items: readonly string[], gap: string, comma: boolean, close: string): string {
  return `${open}${items.join(",")}${comma && items.length > 0 ? `,${gap}` : items.length > 0 ? "" : gap}${close}`;
}

const document = fc.tuple(trivia, members(valueText), trivia).map(([a, text, b]) => a + text + b);

/** What is left of a value when all is taken away that another one hasn't. */
function without(value: unknown, other: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(other))
    return value.slice(0, other.length).map((one, index) => without(one, other[index]));
  if (!isRecord(value) || !isRecord(other)) return value;
  const kept = Object.entries(value).filter(([key]) => Object.hasOwn(other, key));
  return Object.fromEntries(kept.map(([key, one]) => [key, without(one, other[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
