import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Budget } from "../../../daemon/detect/budget.ts";
import { expandDirectories, matchesName } from "../../../daemon/detect/globs.ts";
import { Packages } from "../../../daemon/detect/packages.ts";
import { project } from "./project.ts";

const expand = (root: string, patterns: readonly string[], budget = new Budget()) =>
  expandDirectories(root, patterns, join(root, "package.json"), budget);

const directories = [
  ...["packages/a", "packages/b/a", "packages/b/test/x", "packages/c", "packages/.hidden/x"],
  ...["apps/web", "apps/(group)/web", "apps/node_modules/x", ".config/tool", "docs"],
];

/** Patterns, and the directories they name among those above. */
const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["a directory by its path (npm, workspaces)", ["./packages/a", "docs/"], ["docs", "packages/a"]],
  ["a star for the directories of a folder", ["packages/*"], ["packages/a", "packages/b", "packages/c"]],
  ["braces with slashes in them", ["{docs,apps/*}"], ["apps/(group)", "apps/web", "docs"]],
  ["nested braces", ["packages/{a,{b,c}}"], ["packages/a", "packages/b", "packages/c"]],
  ["a question mark, a class, its opposite", ["packages/[!ab]", "doc?"], ["docs", "packages/c"]],
  ["a range", ["packages/[a-b]"], ["packages/a", "packages/b"]],
  ["brackets of a directory's own name", ["apps/(group)/*"], ["apps/(group)/web"]],
  ["hidden directories where the pattern names the dot", [".*/*", ".config/tool"], [".config/tool"]],
  ["no installed packages", ["apps/*/*"], ["apps/(group)/web"]],
  [
    "two stars for any depth, none included",
    ["packages/**"],
    [
      "packages",
      "packages/a",
      "packages/b",
      "packages/b/a",
      "packages/b/test",
      "packages/b/test/x",
      "packages/c",
    ],
  ],
  ["two stars in the middle", ["packages/**/a"], ["packages/a", "packages/b/a"]],
  [
    "less what a ! takes out (pnpm-workspace.yaml)",
    ["packages/**", "!**/b/**"],
    ["packages", "packages/a", "packages/c"],
  ],
  ["! takes out just what it names", ["packages/b/*", "!packages/b"], ["packages/b/a", "packages/b/test"]],
  ["! with braces", ["packages/*", "!packages/{a,b}"], ["packages/c"]],
  [
    "a ! and what comes back after it (npm, map-workspaces)",
    ["packages/*", "!packages/*", "packages/a"],
    ["packages/a"],
  ],
];

describe("workspace globs", () => {
  for (const [claim, patterns, expected] of table) {
    it(claim, async (t) => {
      const root = await project(t, {});
      for (const one of directories) await mkdir(join(root, one), { recursive: true });
      const found = await expand(root, patterns);
      // A name without wildcards is taken as it stands; whether it is there shows when its package is read.
      assert.deepEqual(
        found.filter((path) => existsSync(join(root, path))),
        expected,
      );
    });
  }

  it("what pnpm excludes is out wherever it stands, npm goes by the order", async (t) => {
    const files = {
      "packages/a/package.json": { name: "a" },
      "packages/b/package.json": { name: "b" },
    };
    const patterns = ["!packages/b", "packages/*"];
    const npm = await project(t, { ...files, "package.json": { workspaces: patterns } });
    const pnpm = await project(t, {
      ...files,
      "package.json": {},
      "pnpm-workspace.yaml": `packages:\n${patterns.map((one) => `  - "${one}"`).join("\n")}\n`,
    });
    const membersOf = async (root: string) =>
      (await (await Packages.around(root, undefined)).workspaceAt(root))?.members ?? [];
    assert.deepEqual(await membersOf(npm), [join(npm, "packages/a"), join(npm, "packages/b")]);
    assert.deepEqual(await membersOf(pnpm), [join(pnpm, "packages/a")]);
  });

  it("names of packages and scripts fit with a dot in front too, and a star stops at a slash", () => {
    const fits = (name: string, pattern: string) => matchesName(name, pattern);
    assert.ok(fits("@acme/web", "@acme/*") && fits(".web", "*") && fits("web-app", "{web,api}-*"));
    assert.ok(fits("c++", "c++") && fits("+(a|b)", "+(a|b)") && fits("!web", "!web") && fits("[", "["));
    assert.ok(!fits("@acme/web", "*") && !fits("ab", "+(a|b)") && !fits("web", "WEB") && !fits("web", ""));
  });

  it("patterns from outside cost little: many stars, many braces, many directories deep", async (t) => {
    const root = await project(t, {});
    const long = "a".repeat(250);
    await mkdir(join(root, long, long), { recursive: true });
    const stars = `${"*a".repeat(60)}*b`;
    assert.equal(matchesName(long, stars), false);
    assert.equal(matchesName(long, "*a*"), true);
    assert.deepEqual(await expand(root, [stars, `**/${stars}`, `!${stars}`]), []);
    await assert.rejects(expand(root, ["{a,b}".repeat(40)]), /stands for more than 1000 others/);
    assert.equal(matchesName("x".repeat(70_000), `${"x".repeat(70_000)}?`), false);
  });
});
