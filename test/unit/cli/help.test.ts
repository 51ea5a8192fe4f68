import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { check } from "../../../daemon/cli/arguments/check.ts";
import { declaredBy } from "../../../daemon/cli/arguments/declared-by.ts";
import { flagName } from "../../../daemon/cli/arguments/field.ts";
import { fieldsOf } from "../../../daemon/cli/arguments/flags.ts";
import { parse } from "../../../daemon/cli/arguments/parse.ts";
import { catalogue } from "../../../daemon/cli/help/catalogue.ts";
import { dress, helpColumns } from "../../../daemon/cli/help/dress.ts";
import { pages } from "../../../daemon/cli/help/pages.ts";
import { topics } from "../../../daemon/cli/help/topics.ts";
import { widthOf } from "../../../daemon/cli/output/width.ts";
import { verbs } from "../../../daemon/cli/verbs/all.ts";
import { readShellLine } from "../../../daemon/detect/shell-words.ts";
import type { Operation } from "../../../shared/operations/operation.ts";

const names = Object.keys(verbs);
const operations: Record<string, Operation> = {};
for (const [name, load] of Object.entries(verbs)) operations[name] = await (await load()).operation();
const declared = await declaredBy(verbs);
/** A screen of a terminal and a half, in lines. */
const screenAndHalf = 36;

/** What stands at every place where help is shown, by the words that show it. */
function texts(): ReadonlyMap<string, string> {
  const shown = (...argv: string[]) => {
    const parsed = parse(argv, declared, dress);
    assert.equal(parsed.kind, "print");
    return parsed.kind === "print" ? parsed.text : "";
  };
  return new Map([
    ["--help", shown("--help")],
    ...names.map((name) => [`${name} --help`, shown(name, "--help")] as const),
    ...Object.entries(pages).map(([topic, text]) => [`help ${topic}`, text] as const),
  ]);
}

function wordsOf(line: string): readonly string[] {
  return readShellLine(line).tokens.map((token) => {
    assert.equal(token.kind, "word", `${line} is one command`);
    return token.kind === "word" ? token.text : "";
  });
}

describe("help", () => {
  it("has two examples of every verb, which say that verb and are what they should be", () => {
    assert.deepEqual(Object.keys(catalogue).sort(), names.toSorted());
    for (const [name, { examples }] of Object.entries(catalogue)) {
      assert.equal(new Set(examples.map(({ line }) => line)).size, 2, name);
      for (const { line } of examples) {
        const [program, ...argv] = wordsOf(line);
        assert.equal(program, "devlatch");
        const parsed = parse(argv, declared);
        assert.ok(parsed.kind === "run" && parsed.invocation.verb === name, line);
        const { args, options } = parsed.invocation;
        const operation = operations[name];
        assert.ok(operation);
        check(operation.options, options, "flag");
        const apps = Array.isArray(args["app"]) ? args["app"] : [args["app"] ?? "web"];
        for (const app of apps.length > 0 ? apps : ["web"])
          check(operation.args, "app" in args ? { ...args, app } : args, "argument");
      }
      const text = texts().get(`${name} --help`) ?? "";
      for (const { line } of examples) assert.ok(text.includes(line), `${name}: ${line}`);
    }
  });

  it("has no line that is wider than a usual terminal", () => {
    for (const [where, text] of texts())
      for (const line of text.split("\n")) assert.ok(widthOf(line) <= helpColumns, `${where}: ${line}`);
  });

  it("lists every verb and every page, each in a line", () => {
    const text = texts().get("--help") ?? "";
    for (const name of names) assert.match(text, new RegExp(`^ {2}${name} +[a-z]`, "m"));
    for (const topic of Object.keys(topics)) assert.ok(text.includes(`devlatch help ${topic}`), topic);
  });

  it("has pages of a screen and a half at most, which name only verbs and flags that there are", () => {
    const globals = ["--json", "--quiet", "--cwd", "--help"];
    const flags = Object.values(operations).flatMap(({ options }) =>
      fieldsOf(options).map(({ name }) => flagName(name)),
    );
    for (const [topic, text] of Object.entries(pages)) {
      assert.ok(text.split("\n").length <= screenAndHalf, `${topic}: ${text.split("\n").length} lines`);
      const named = [...text.matchAll(/\bdevlatch ([a-z]+)/g)].map(([, verb]) => verb ?? "");
      assert.ok(named.length > 0, topic);
      for (const verb of named) assert.ok(names.includes(verb), `${topic}: devlatch ${verb}`);
      for (const [flag] of text.matchAll(/--[a-z][a-z-]*/g))
        assert.ok([...flags, ...globals].includes(flag), `${topic}: ${flag}`);
    }
  });

  it("shows what follows from the options: letters, and choices that would be too wide beside the rest", () => {
    assert.match(texts().get("status --help") ?? "", /^ {2}-l, --long +Also CPU/m);
    assert.match(texts().get("journal --help") ?? "", /^ {2}--kind <KIND> +.*\(one of: signal, session,/m);
  });
});
