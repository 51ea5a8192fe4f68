import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Believed } from "../../daemon/detect/believed.ts";
import { readConfig } from "../../daemon/detect/config-file.ts";
import { AwaitedLine } from "../../daemon/sessions/awaited-line.ts";
import { Matcher } from "../../daemon/threads/matcher.ts";
import { compilePattern, maxPatternLength } from "../../shared/base/pattern.ts";
import { cpuMs, linearCpuMs } from "../support/cpu.ts";

const { signal } = new AbortController();

describe("a pattern that would keep JavaScript's own engine busy for years", () => {
  const hostile = ["(a+)+$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a*)*b"];
  for (const pattern of hostile) {
    it(`${pattern} answers at once, as ready.pattern and as --grep`, async () => {
      const lines = Array.from(
        { length: 400 },
        (_, index) => `${"a".repeat(1_900)}${"!".repeat(20_000)}${index}`,
      );
      const tookMs = await cpuMs(async () => {
        assert.equal(await (await AwaitedLine.of(pattern)).isIn(lines, signal), false);
        (await Matcher.of(pattern)).test(lines.slice(0, 20));
      });
      assert.ok(tookMs < linearCpuMs, `${Math.round(tookMs)} ms`);
    });
  }
});

describe("a pattern that can't be matched in linear time", () => {
  const refused: readonly (readonly [pattern: string, words: RegExp])[] = [
    ["(?<=at )ready", /looks ahead or behind/],
    ["ready(?! not)", /looks ahead or behind/],
    ["(a)\\1", /refers back to a group/],
    ["(?:[01]?){900}", /repeats too much/],
    ["(((a{30}){30}){30})", /repeat count/],
    ["(", /isn't a regular expression: missing closing \)/],
    ["a".repeat(maxPatternLength + 1), /has 1001 characters, more than 1000/],
  ];
  for (const [pattern, words] of refused) {
    it(`${pattern.slice(0, 30)} is refused in words, with what to write instead`, async () => {
      await assert.rejects(
        compilePattern(pattern, "--grep"),
        (error: { code: string; message: string; remedy: string }) => {
          assert.equal(error.code, "INVALID_INPUT");
          assert.match(error.message, /^--grep /);
          assert.match(error.message, words);
          assert.match(error.remedy, /^(?:Write|Use|Escape|Shorten)/);
          return true;
        },
      );
    });
  }

  it("is named with its key and place in devlatch.json", async () => {
    const directory = mkdtempSync(join(tmpdir(), "devlatch-pattern-"));
    try {
      const apps = { web: { command: "node x.js", ready: { pattern: "(?<=a)b" } } };
      writeFileSync(join(directory, "devlatch.json"), JSON.stringify({ apps }, undefined, 2));
      const read = await readConfig(directory, new Believed(directory, undefined));
      assert.equal(read.kind, "invalid");
      assert.match(read.problem.message, /:6:\d+.*apps\.web\.ready\.pattern looks ahead or behind/s);
      assert.match(read.problem.remedy, /Write out/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("what people write", () => {
  const rows: readonly (readonly [pattern: string, text: string, found: boolean])[] = [
    ["ready in \\d+", "VITE ready in 320 ms", true],
    ["^\\s*(?:Local|Network):", "  Local: http://localhost:3000", true],
    ["\\u2713 Ready", "✓ Ready", true],
    ["\\[web\\] (?<what>up|down)$", "[web] up", true],
    ["[^]x", "\nx", true],
    ["Ready", "ready", false],
    ["\\p{L}+!", "über!", true],
  ];
  for (const [pattern, text, found] of rows) {
    it(`${pattern} ${found ? "matches" : "doesn't match"} ${JSON.stringify(text)}`, async () => {
      assert.equal((await compilePattern(pattern, "--grep")).test(text), found);
    });
  }
});

it("the awaited line is found when it comes, and among old ones", async () => {
  const awaited = await AwaitedLine.of("ready");
  assert.equal(await awaited.isIn(["one", "two"], signal), false);
  assert.equal(await awaited.isIn(["one", "two", "ready"], signal), true);
});
