import { splitAtDetach, wantsOut } from "../../../daemon/cli/attach/keys.ts";
import { Modes } from "../../../daemon/cli/attach/modes.ts";
import { replayable } from "../../../daemon/cli/attach/replay.ts";
import { isAnswer } from "../../../daemon/host/answers.ts";
import { BuildTracker } from "../../../daemon/output/build-tracker.ts";
import { OutputReader } from "../../../daemon/output/output-reader.ts";
import { LineReader, readWhole } from "../../../daemon/threads/lines.ts";
import { plainLines, plainText } from "../../../shared/base/plain-text.ts";
import { Redactor } from "../../../shared/diagnostics/redact.ts";
import type { Decoder } from "./decoders.ts";
import { recordedOutput } from "./inputs.ts";

const escapes = [
  "\u001b[1;31mred\u001b[0m\r\n\u001b[2K\u001b[1G50 %\r100 %\n",
  "\u001b]0;title\u0007\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\\n",
  "\u001b[?1049h\u001b[?25l\u001b[>1u\u001b[6n\u001bP+q544e\u001b\\\u001bc",
  "\u001b[200~pasted\u001b[201~\u001d\u001b[93;5u\u001b[27;5;93~\u001b[?62;c",
];
const redactor = new Redactor({
  ...{ secrets: ["known-secret"], directories: { "~": ["/home/jane"] }, workspaces: ["/home/jane/shop"] },
  ...{ users: ["jane"], hosts: ["janes-laptop"] },
});

/** Cut anywhere, as output comes. */
function inPieces(input: Buffer): Buffer[] {
  const size = 1 + (input.length % 97);
  const pieces: Buffer[] = [];
  for (let at = 0; at < input.length && pieces.length < 200; at += size)
    pieces.push(input.subarray(at, pieces.length === 199 ? undefined : at + size));
  return pieces;
}

export const outputDecoders: readonly Decoder[] = [
  {
    name: "lines of a terminal",
    seeds: [...escapes, ...recordedOutput()],
    decode: (input) => {
      const pieces = new LineReader();
      const lines = [...inPieces(input).flatMap((piece) => pieces.push(piece)), ...pieces.end()];
      const { before, whole, after } = new LineReader().take(input);
      return [lines, before, readWhole(whole), after];
    },
  },
  {
    name: "what a server says",
    seeds: recordedOutput(),
    decode: (input) => {
      const reader = new OutputReader();
      const tracker = new BuildTracker();
      const lines = input.toString().split("\n").slice(0, 2_000);
      const signals = reader.push(lines.map((text, index) => ({ seq: index + 1, time: index, text })));
      for (const signal of [...signals, ...reader.flush()]) tracker.take(signal);
      tracker.settle(1e9);
      return signals;
    },
  },
  {
    name: "modes of a terminal",
    seeds: escapes,
    decode: (input) => {
      const modes = new Modes();
      for (const piece of inPieces(input)) modes.read(piece.toString("latin1"));
      return modes.undo();
    },
  },
  { name: "replayed output", seeds: escapes, decode: (input) => replayable(input.toString()) },
  {
    name: "what is typed",
    seeds: escapes,
    decode: (input) => [
      isAnswer(input.toString()),
      splitAtDetach(input.toString()),
      wantsOut(input.toString()),
    ],
  },
  {
    name: "shown texts",
    seeds: escapes,
    decode: (input) => [plainText(input.toString()), plainLines(input.toString())],
  },
  {
    name: "redaction",
    seeds: ['token=abc redis://:pw@h "password":"x"', '{"env":{"A":"b"}}', ...recordedOutput().slice(0, 2)],
    decode: (input) => redactor.value(input.toString()),
  },
];
