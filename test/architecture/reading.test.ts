import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { cycles } from "./cycles.ts";
import { importsOf } from "./imports.ts";

const source = `
import { a } from "./a.ts";
import type { B } from '../b.ts';
import * as z from "zod";
import {
  one,
  type Two,
} from "@scope/name/deep";
import "./effect.ts";
export { c } from "./c.ts";
export * from "./d.ts";
export type { E } from "./e.ts";
const f = await import("./f.ts");
const g = require("child_process");
let h: typeof import("./h.ts");
// import { no } from "./comment.ts";
/* import { no } from "./block.ts"; */
const text = "// not a comment"; import("./after.ts");
`;

test("every way to import is seen, and comments are not", (t) => {
  const repository = mkdtempSync(join(tmpdir(), "devlatch-imports-"));
  t.after(() => rmSync(repository, { recursive: true, force: true }));
  mkdirSync(join(repository, "x"));
  writeFileSync(join(repository, "x/m.ts"), source);
  const seen = importsOf(repository, "x/m.ts");
  assert.deepEqual(
    new Set(seen.map((one) => one.file ?? one.package)),
    new Set([
      ...["x/a.ts", "b.ts", "zod", "@scope/name", "x/effect.ts", "x/c.ts", "x/d.ts", "x/e.ts", "x/f.ts"],
      ...["node:child_process", "x/h.ts", "x/after.ts"],
    ]),
  );
  assert.equal(seen.find((one) => one.file === "b.ts")?.typeOnly, true);
  assert.equal(seen.find((one) => one.file === "x/a.ts")?.line, 2);
  assert.equal(seen.find((one) => one.package === "@scope/name")?.line, 8);
});

test("a cycle is found and named in order", () => {
  const edges = [
    ["a", "b"],
    ["b", "c"],
    ["c", "b"],
    ["c", "d"],
  ] as const;
  assert.deepEqual(cycles(edges), [["b", "c", "b"]]);
});
