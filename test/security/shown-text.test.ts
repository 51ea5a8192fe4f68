import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { errorText } from "../../daemon/cli/output/error-text.ts";
import { Output, type Streams } from "../../daemon/cli/output/output.ts";
import { shown } from "../../daemon/cli/output/style.ts";
import { detailText, noticeText } from "../../extension/commands/notice-text.ts";
import { describeListeners } from "../../extension/commands/port-conflict.ts";
import { plainText, withoutEscapes } from "../../shared/base/plain-text.ts";
import { cpuMs, linearCpuMs } from "../support/cpu.ts";

/** What a terminal or an editor would do something with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const attacks: readonly (readonly [what: string, text: string])[] = [
  ["sets the title", "\u001b]0;owned\u0007"],
  ["writes to the clipboard", "\u001b]52;c;cm0gLXJm\u001b\\"],
  ["makes a link to elsewhere", "\u001b]8;;http://evil.example\u001b\\http://localhost\u001b]8;;\u001b\\"],
  ["moves the cursor over what was said", "\u001b[1A\u001b[2KAll is well"],
  ["does so with eight-bit codes", "\u009b1A\u009b2Kx\u009d0;t\u009c"],
  ["returns to the line's beginning", "bad\rgood"],
  ["never ends its sequence", "\u001b]0;title \u001bPq \u001b["],
  ["turns the text around", "\u202egnp.exe\u2066"],
  ["asks the terminal for an answer", "\u001b[c\u001b[6n\u0005"],
  ["breaks lines unseen", "one\u2028two\u0085three"],
];

describe("a text that", () => {
  for (const [what, text] of attacks) {
    it(`${what} does nothing on a terminal and in the editor`, () => {
      const error = { code: "INTERNAL", message: text, remedy: text, data: { logTail: [text] } } as const;
      const stream = new PassThrough();
      const streams = { stdout: stream, stderr: stream, stdin: stream } as unknown as Streams;
      for (const json of [false, true]) {
        const output = new Output(streams, { CI: "1" }, { json });
        void output.result({ text }, text);
        void output.error(error);
        output.note(text);
        output.progress().phase(text);
      }
      const written = String(stream.read());
      for (const safe of [
        written,
        errorText(error, (_, plain) => plain),
        plainText(text),
        noticeText(text),
        detailText(text),
      ])
        assert.doesNotMatch(safe, acting, JSON.stringify(safe));
    });
  }
});

it("JSON means the same when it is safe to show", () => {
  const value = { text: "\u009b1A\u202e\u0007\ufeff" };
  const stream = new PassThrough();
  const streams = { stdout: stream, stderr: stream, stdin: stream } as unknown as Streams;
  void new Output(streams, {}, { json: true }).result(value, "");
  assert.deepEqual(JSON.parse(String(stream.read())), value);
});

it("our own colours and lines stay", () => {
  const text = "\u001b[1mweb\u001b[22m \u001b[31mfailed\u001b[39m\nnext";
  assert.equal(shown(text), text);
  assert.equal(shown("\u001b[8mhidden\u001b[28m"), "hidden");
});

describe("a notification", () => {
  it("has no links that a server wrote", () => {
    // As the editor finds links in notifications (parseLinkedText).
    const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (?:"|')([^"']+)(?:"|')\))?/i;
    for (const text of [
      "[Fix it](command:workbench.action.terminal.sendSequence?%7B%7D)",
      "[x]\u200e(command:devlatch.stop)",
      "[x]\u001b[0m(command:devlatch.stop)",
      "[x]\n(command:devlatch.stop)",
      "[[a](command:b)](command:c)",
    ]) {
      assert.doesNotMatch(noticeText(text), link);
      assert.doesNotMatch(detailText(text), link);
    }
  });

  it("is one line, and not longer than a screen", () => {
    assert.doesNotMatch(noticeText("a\r\nb\n\nc"), /\n/);
    assert.ok(noticeText("x".repeat(100_000)).length <= 1_000);
  });
});

it("a command line can't add a line to the details of a question", () => {
  const listener = {
    pid: 1,
    startTime: "b/1",
    port: 3000,
    address: "::",
    user: "ann",
    cwd: "/x\nUser: root",
  };
  const text = describeListeners([{ ...listener, command: "node\nDirectory: /srv/yours\rx" }]);
  assert.equal(text.match(/^Directory:/gm)?.length, 1);
  assert.equal(text.match(/^User:/gm)?.length, 1);
});

it("escapes of any shape cost the text's length", async () => {
  for (const part of [
    "\u001b];?",
    "\u001b[",
    "\u001b[1;",
    "\u001b]a;",
    "\u001bP",
    "\u009b?",
    "\u0098\u00e9",
    "\u001b\u001b]",
    "\u001b ",
    ";?",
  ]) {
    const text = `\u001b]${part.repeat(1_000_000 / part.length)}`;
    assert.ok((await cpuMs(() => withoutEscapes(text))) < linearCpuMs, JSON.stringify(part));
  }
});
