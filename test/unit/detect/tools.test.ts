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
  ["unknown --watch", true],
  ["unknown serve --watch", false],
  ["tsc --serveless", true],
] as const) {
  test(`\`${line}\` ${is ? "serves nothing" : "may serve"}`, () => {
    const [program = "", ...args] = line.split(" ");
    assert.equal(isTool(program, args), is);
  });
}
