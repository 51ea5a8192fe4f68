import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as z from "zod";
import { check } from "../../../daemon/cli/arguments/check.ts";
import { fieldsOf } from "../../../daemon/cli/arguments/flags.ts";
import { operations } from "../../../shared/operations/operations.ts";

const { start, logs, port, daemon } = operations;

describe("values of flags", () => {
  it("become numbers where numbers are declared", () => {
    const checked = check(start.options, { port: "4000", timeout: "1.5" }, "flag");
    assert.deepEqual(checked, { port: 4000, timeout: 1.5 });
  });

  for (const bad of ["abc", "", " ", "0x10", "1e3", "70000", "0", "-1", "80.5", "Infinity", "3000 "]) {
    it(`a port of ${JSON.stringify(bad)} is refused, and the range is named`, () => {
      assert.throws(() => check(start.options, { port: bad }, "flag"), {
        code: "INVALID_INPUT",
        message: `--port wants a whole number from 1 to 65535; got ${JSON.stringify(bad)}.`,
      });
    });
  }

  it("a time of 0 s is refused, and so is more than the most", () => {
    for (const timeout of ["0", "1801"]) {
      assert.throws(() => check(start.options, { timeout }, "flag"), /greater than 0, 1800 at most/);
    }
  });

  it("a cursor of 0 is one", () => {
    assert.deepEqual(check(logs.options, { cursor: "0" }, "flag"), { cursor: 0 });
  });

  it("an enumeration's values are named when another is given", () => {
    assert.throws(() => check(start.options, { onConflict: "ask" }, "flag"), {
      message: '--on-conflict wants one of: fail, next; got "ask".',
    });
    assert.throws(() => check(daemon.args, { action: "foo" }, "argument"), /start, stop, status/);
  });
});

describe("arguments", () => {
  it("an app's name says what a name looks like", () => {
    assert.throws(() => check(start.args, { app: "My App" }, "argument"), {
      code: "INVALID_INPUT",
      message: /"My App" is not valid: it starts with a letter/,
    });
  });

  it("a port is named without dashes", () => {
    assert.throws(() => check(port.args, { port: "x" }, "argument"), /^DevlatchError: port wants/);
  });

  it("a missing command says where to give it", () => {
    const args = z.object({ command: z.array(z.string()).describe("Command to run") });
    assert.throws(() => check(args, {}, "argument"), /Give it after --/);
  });

  it("a package's name or path stands for the app in it", () => {
    const spoken = (app: string) => check(start.args, { app }, "argument").app;
    const paths = ["apps/web", "./apps/web/", "@acme/web", "web"].map(spoken);
    assert.deepEqual(paths, ["apps-web", "apps-web", "web", "web"]);
    assert.throws(() => spoken("Web App"), /"Web App" is not valid/);
    assert.throws(() => spoken("../.."), /is not valid/);
  });
});

describe("every declared field", () => {
  it("has a description, for help and for errors", () => {
    for (const [name, operation] of Object.entries(operations)) {
      for (const field of [...fieldsOf(operation.args), ...fieldsOf(operation.options)]) {
        assert.notEqual(field.description, "", `${name}: ${field.name}`);
      }
    }
  });
});
