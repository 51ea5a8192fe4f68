import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Budget } from "../../daemon/detect/budget.ts";
import { createWorkspace } from "../../daemon/detect/create-workspace.ts";
import { Packages } from "../../daemon/detect/packages.ts";
import { Recogniser } from "../../daemon/detect/recognise.ts";
import { project } from "../unit/detect/project.ts";

/** A budget whose clock stands still: it ends by counts alone. */
const counted = (entries: number) => new Budget({ entries, now: () => 0 });

/** Directories below one another, `width` in each of `depth` levels, and a file in each. */
function grow(directory: string, width: number, depth: number): void {
  for (let number = 0; depth > 0 && number < width; number++) {
    const below = join(directory, `d${number}`);
    mkdirSync(below);
    writeFileSync(join(below, "file"), "");
    grow(below, width, depth - 1);
  }
}

/** Scripts of which each calls the next one twice: 2 to the power of their number in all. */
function doubling(number: number): Record<string, string> {
  const names = Array.from({ length: number }, (_, index) => `s${index}`);
  return Object.fromEntries(
    names.map((name, index) => [name, `npm run ${names[index + 1]} & npm run ${names[index + 1]}`]),
  );
}

test("globs over a tree of thousands end by a count, with the pattern, the file and what to do", async (t) => {
  const root = await project(t, { "package.json": { workspaces: ["ok/*", "**/**/x"] } });
  grow(root, 6, 4);
  const budget = counted(2_000);
  const packages = await Packages.around(root, undefined, { budget });
  await assert.rejects(packages.workspaceAt(root), {
    code: "CONFIG_INVALID",
    message: `${root}/package.json names too much with the pattern "**/**/x": more than 2000 entries were looked at.`,
    remedy: /more narrowly/,
  });
  assert.ok(budget.spent <= 2_002, `${budget.spent} entries`);
  await assert.rejects(
    packages.files.nearest(root).then(() => packages.workspaceOf(root)),
    { code: "CONFIG_INVALID" },
  );
});

test("one directory of thousands of entries is read up to the budget, not to its end", async (t) => {
  const root = await project(t, { "package.json": { workspaces: ["*"] } });
  for (let number = 0; number < 3_000; number++) writeFileSync(join(root, `file-${number}`), "");
  const budget = counted(1_000);
  const packages = await Packages.around(root, undefined, { budget });
  await assert.rejects(packages.workspaceAt(root), /more than 1000 entries/);
  assert.ok(budget.spent <= 1_001, `${budget.spent} entries`);
});

test("thousands of patterns that take out what others name cost, too", async (t) => {
  const patterns = Array.from({ length: 2_000 }, (_, number) => [`d${number}`, `!e${number}`]).flat();
  const root = await project(t, { "package.json": { workspaces: patterns } });
  const packages = await Packages.around(root, undefined, { budget: counted(100_000) });
  await assert.rejects(packages.workspaceAt(root), /names too much with the pattern "!e\d+"/);
});

test("scripts that double end by a count, with the script, its file and what to do", async (t) => {
  const root = await project(t, { "package.json": { scripts: doubling(40) } });
  const budget = counted(3_000);
  const recogniser = new Recogniser(await Packages.around(root, undefined, { budget }));
  await assert.rejects(recogniser.servers(["npm", "run", "s0"], root), {
    code: "CONFIG_INVALID",
    message: `${root}/package.json runs too many commands with the script "s0": more than 3000 entries were looked at.`,
    remedy: /fewer others/,
  });
  assert.ok(budget.spent <= 3_002, `${budget.spent} entries`);
});

test("scripts in a circle end by themselves, and thousands of plain ones are within the budget", async (t) => {
  const circle = { a: "npm run b && npm run c", b: "npm run c; npm run a", c: "npm run a | npm run b" };
  const names = Array.from({ length: 1_000 }, (_, number) => `t${number}`);
  const plain = Object.fromEntries(names.map((name) => [name, "tsc -w"]));
  const all = { ...plain, ...circle, dev: "run-p t* a", last: "next dev" };
  const root = await project(t, { "package.json": { scripts: all } });
  const { problems, apps } = await createWorkspace().describe(root);
  assert.deepEqual([problems, apps.map(({ app }) => app)], [[], []]);
  const { devServer } = await createWorkspace().detect(["npm", "run", "last"], root);
  assert.equal(devServer, true);
});

test("a command of a hundred thousand wrappers is refused in words, not by a full stack", async (t) => {
  const root = await project(t, {});
  const packages = await Packages.around(root, undefined, { budget: counted(5_000) });
  const argv = [...Array(100_000).fill("env"), "next", "dev"];
  await assert.rejects(
    new Recogniser(packages).servers(argv, root),
    /is where a command runs too many others/,
  );
});

test("time ends it as well, by the clock that was handed in", async (t) => {
  const root = await project(t, { "package.json": { workspaces: ["**"] } });
  grow(root, 3, 3);
  let now = 0;
  const budget = new Budget({ ms: 5_000, now: () => now++ * 1_000 });
  const packages = await Packages.around(root, undefined, { budget });
  await assert.rejects(packages.workspaceAt(root), /with the pattern "\*\*": it takes longer than 5 s/);
  assert.ok(budget.spent <= 7, `${budget.spent} entries`);
});

test("what a description can't afford is one of its problems", async (t) => {
  const root = await project(t, { "package.json": { scripts: { ...doubling(60), dev: "npm run s0" } } });
  const { problems } = await createWorkspace().describe(root);
  assert.match(problems[0]?.message ?? "", /runs too many commands with the script "(?:dev|s0)": /);
});
