import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../support/paths.ts";

/** Longest input, in bytes. */
const longest = 64 * 1024;

/** What decoders look for, whatever they decode. */
const words: readonly string[] = [
  ..."\u0000\t\n\r \"'`\\/$&|;<>(){}[]*?!#~=:,.-+%@_^",
  ...'0 1 -1 65535 65536 4294967295 9007199254740993 1e999 0x10 00 null true {} [] ""'.split(" "),
  ..."\u001b[ \u001b] \u001bP \u001b\\ \u0007 \u009b \u009d \u001b[2K \u001b[999999C \u001b[1;31m \u001b[?1049h \r\n".split(
    " ",
  ),
  ..."\ufeff \u202e \u2028 \ud800 \udc00 é 日本 \u{1f680} \u0085 __proto__ constructor toString".split(" "),
  ..."// /* */ && || 2>&1 $A {B} $(b) `c` $$ -- --token=x PORT= error warning http://localhost:3000 :3000 ../ ..\\ file://".split(
    " ",
  ),
];

/** One input, made of `seeds` and chance. */
export function inputFrom(seeds: readonly string[], random: () => number): Buffer {
  const upTo = (most: number) => Math.floor(random() * most);
  const pick = <T>(all: readonly T[]): T => all[upTo(all.length)] as T;
  const way = random();
  if (way < 0.05) return Buffer.from(Array.from({ length: upTo(2_000) }, () => upTo(256)));
  if (way < 0.15) return Buffer.from(repeated(pick([...words, ...seeds]), 1 + upTo(longest)));
  if (way < 0.2) return Buffer.from(repeated(pick(words) + pick(words), 1 + upTo(longest)) + pick(seeds));
  if (way < 0.25) return Buffer.from(nested(pick(["[", '{"a":', "(", "((", "$("]), 1 + upTo(20_000)));
  let bytes: Buffer = Buffer.from(pick(seeds));
  for (let changes = 1 + upTo(way < 0.7 ? 4 : 40); changes > 0; changes--) bytes = changed(bytes, pick, upTo);
  return bytes.subarray(0, longest);
}

function changed(
  bytes: Buffer,
  pick: (all: readonly string[]) => string,
  upTo: (most: number) => number,
): Buffer {
  const at = upTo(bytes.length + 1);
  const to = Math.min(bytes.length, at + upTo(20));
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (upTo(6)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, part, part, part, after]);
    case 2:
      return Buffer.concat([before, Buffer.from([upTo(256)]), after]);
    case 3:
      return Buffer.concat([after, part, before]);
    case 4:
      return Buffer.concat([before, Buffer.from(repeated(pick(words), 1 + upTo(300))), after]);
    default:
      return Buffer.concat([before, Buffer.from(pick(words)), part, after]);
  }
}

function repeated(word: string, length: number): string {
  return word.repeat(Math.ceil(length / word.length)).slice(0, length);
}

function nested(open: string, depth: number): string {
  return open.repeat(depth).slice(0, longest);
}

/** What real servers wrote. */
export function recordedOutput(): readonly string[] {
  const folder = join(repository, "test/fixtures/output");
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  return texts.map((text) => text.replace(/^\d+\|/gm, "").slice(0, 6_000));
}
