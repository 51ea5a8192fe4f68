import assert from "node:assert/strict";
import { test } from "node:test";
import { isTool } from "../../../daemon/detect/tools.ts";

for (const [line, is] of [
  ["esbuild src/web.ts --bundle --outdir=www --watch", true],
  ["esbuild src/web.ts --bundle --outdir=www --servedir=www --watch", false],
  ["esbuild src/web.ts --serve=8000", false],
  ["vite-node --watch src/server.ts", false],
  ["vite-node --version", true],
  ["ts-node --watch src/server.ts", false],
  ["tsup src/index.ts --watch", true],
  ["tsup src/index.ts --watch --onSuccess=node dist/index.js", false],
  ["tsdown --watch --on-success=tsc --emitDeclarationOnly", true],
  ["unknown --watch", true],
  ["unknown serve --watch", false],
  ["tsc --serveless", true],
] as const) {
  test(`\`${line}\` ${is ? "serves nothing" : "may serve"}`, () => {
    const [program = "", ...args] = line.split(" ");
    // What stands behind an equals sign here is one word.
    const after = args.findIndex((arg) => /^--on-?success=/i.test(arg));
    const words = after === -1 ? args : [...args.slice(0, after), args.slice(after).join(" ")];
    assert.equal(isTool(program, words), is);
  });
}

test("what is started after a build may stand in a word of its own", () => {
  assert.equal(isTool("tsup", ["src/index.ts", "--watch", "--onSuccess", "node dist/index.js"]), false);
  assert.equal(isTool("tsup", ["src/index.ts", "--watch", "--onSuccess", "tsc"]), true);
  assert.equal(isTool("tsup", ["src/index.ts", "--onSuccess"]), true);
});
