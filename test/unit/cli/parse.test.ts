import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { declaredBy } from "../../../daemon/cli/arguments/declared-by.ts";
import { flagName } from "../../../daemon/cli/arguments/field.ts";
import { fieldsOf } from "../../../daemon/cli/arguments/flags.ts";
import { parse } from "../../../daemon/cli/arguments/parse.ts";
import { wantsJson, wantsQuiet } from "../../../daemon/cli/arguments/words.ts";
import { dress } from "../../../daemon/cli/help/dress.ts";
import { verbs } from "../../../daemon/cli/verbs/all.ts";
import { operations } from "../../../shared/operations/operations.ts";

const declared = await declaredBy(verbs);

function invocation(...argv: string[]) {
  const parsed = parse(argv, declared);
  assert.equal(parsed.kind, "run");
  if (parsed.kind !== "run") throw new Error("unreachable");
  return parsed;
}

function printed(...argv: string[]): string {
  const parsed = parse(argv, declared, dress);
  if (parsed.kind !== "print") throw new Error("expected help");
  return parsed.text;
}

function refusal(...argv: string[]) {
  let caught: unknown;
  assert.throws(
    () => parse(argv, declared),
    (error) => {
      caught = error;
      return true;
    },
  );
  return caught as { code: string; message: string; remedy: string };
}

describe("the command line's words", () => {
  it("become an operation's arguments and options", () => {
    const { invocation: found } = invocation("start", "web", "--port", "4000", "--on-conflict", "next");
    assert.deepEqual(found, {
      verb: "start",
      args: { app: ["web"] },
      options: {
        noWait: undefined,
        timeout: undefined,
        port: "4000",
        onConflict: "next",
        overBudget: undefined,
      },
    });
  });

  it("--no-wait means noWait, and its absence doesn't", () => {
    assert.equal(invocation("start", "web", "--no-wait").invocation.options["noWait"], true);
    assert.equal(invocation("start", "web").invocation.options["noWait"], undefined);
  });

  it("a flag that may be repeated keeps every value, in order", () => {
    const { invocation: found } = invocation("run", "build", "--env", "A=1", "--env", "B=x=y", "--", "make");
    assert.deepEqual(found.options["env"], ["A=1", "B=x=y"]);
    assert.equal(invocation("run", "build", "--", "make").invocation.options["env"], undefined);
  });

  it("after -- belong to the command, also where they look like flags of ours", () => {
    const argv = ["start", "web", "--json", "--", "next", "dev", "--port", "3100", "--json", "--", "x"];
    const { invocation: found } = invocation(...argv);
    assert.deepEqual(found.args["command"], ["next", "dev", "--port", "3100", "--json", "--", "x"]);
    assert.equal(found.options["port"], undefined);
    assert.equal(wantsJson(["start", "web", "--", "x", "--json"]), false);
  });

  it("take --json and --cwd before and after the verb", () => {
    for (const argv of [
      ["--cwd", "/tmp", "--json", "status"],
      ["status", "--json", "--cwd", "/tmp"],
    ]) {
      assert.equal(invocation(...argv).cwd, "/tmp");
      assert.equal(wantsJson(argv), true);
    }
  });

  it("take --quiet and letters that stand together, anywhere but behind --", () => {
    for (const argv of [
      ["-q", "status"],
      ["status", "-lq"],
      ["status", "--quiet", "--long"],
      ["status", "-ql"],
    ]) {
      assert.equal(invocation(...argv).invocation.verb, "status");
      assert.equal(wantsQuiet(argv), true, argv.join(" "));
    }
    for (const argv of [
      ["status"],
      ["status", "-l"],
      ["run", "x", "--", "ls", "-q"],
      ["start", "web", "--no-wait"],
    ])
      assert.equal(wantsQuiet(argv), false, argv.join(" "));
    assert.equal(invocation("status", "-l").invocation.options["long"], true);
    assert.equal(invocation("logs", "web", "--grep", "-req").invocation.options["grep"], "-req");
    assert.equal(wantsQuiet(["logs", "web", "--grep", "-req"]), false);
  });
});

describe("words the command line doesn't know", () => {
  const cases: [string, string[], RegExp, RegExp][] = [
    ["an unknown verb, with the one that was meant", ["strat", "web"], /strat.*start/, /--help/],
    ["an unknown flag", ["status", "--foo"], /--foo/, /devlatch status --help/],
    ["a command without --", ["attach", "web", "npm", "run", "dev"], /[Tt]oo many/, /--help/],
    ["a flag of a command without --", ["start", "web", "--turbo"], /--turbo/, /goes after --/],
    ["a missing key", ["run"], /key/i, /devlatch run --help/],
    ["a flag without its value", ["start", "web", "--port"], /--port/, /--help/],
    ["a command where none is taken", ["status", "--", "x"], /takes no command/, /--help/],
    ["nothing after --", ["start", "web", "--"], /nothing follows/i, /--help/],
    ["no verb at all", [], /No verb/, /devlatch --help/],
  ];
  for (const [what, argv, message, remedy] of cases) {
    it(`are refused as usage: ${what}`, () => {
      const error = refusal(...argv);
      assert.equal(error.code, "INVALID_INPUT");
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
      assert.doesNotMatch(error.message, /^error:/);
    });
  }
});

describe("help", () => {
  it("names every verb, the exit codes and the environment", () => {
    const help = printed("--help");
    for (const name of Object.keys(operations)) assert.match(help, new RegExp(`^ {2}${name}\\b`, "m"));
    assert.match(help, /3 conflict/);
    assert.match(help, /DEVLATCH_HOME/);
  });

  it("of a verb names every flag its operation declares, and the ones of all verbs", () => {
    for (const [name, operation] of Object.entries(operations)) {
      const help = printed(name, "--help");
      for (const field of fieldsOf(operation.options)) assert.ok(help.includes(flagName(field.name)));
      for (const flag of ["--json", "--cwd"]) assert.ok(help.includes(flag), `${name} ${flag}`);
    }
  });
});
