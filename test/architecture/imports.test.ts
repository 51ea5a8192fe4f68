import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { everydayVerbs } from "../../daemon/cli/everyday-verbs.ts";
import { missingPlatforms } from "../support/install/complete-lockfile.ts";
import { repository } from "../support/paths.ts";
import { cycles } from "./cycles.ts";
import { type Import, importsOf, sourceFiles } from "./imports.ts";
import { type FolderRule, folderRules, homeRules, longestFile, topLevel } from "./rules.ts";

const files = sourceFiles(repository, ["shared", "daemon", "extension"]);
const testLockfiles = globSync("test/{fixtures,bench}/**/package-lock.json", { cwd: repository });
const lockfiles = ["package-lock.json", ...testLockfiles];
const imports = files.flatMap((file) => importsOf(repository, file));

test("imports point in the direction of DESIGN.md", () => {
  const wrong = imports.flatMap((one) => {
    const rule = ruleFor(one.from);
    if (one.file === undefined || rule === undefined || isAllowed(one.file, rule)) return [];
    return [`${place(one)} must not import ${one.file}. ${rule.instead}`];
  });
  assertNone(wrong);
});

test("every folder of the source has a rule", () => {
  const without = files.filter((file) => ruleFor(file) === undefined);
  assertNone(without.map((file) => `${file}: give its folder a rule in test/architecture/rules.ts.`));
});

test("every import of a file finds the file", () => {
  const lost = imports.filter(({ file }) => file !== undefined && !existsSync(join(repository, file)));
  assertNone(lost.map((one) => `${place(one)} imports ${one.file}, which doesn't exist.`));
});

for (const { packages, homes, instead } of homeRules) {
  test(`${packages.join(", ")}: imported only in ${homes.join(" and ")}`, () => {
    const strays = imports.filter(
      (one) => packages.includes(one.package ?? "") && !homes.some((home) => isIn(one.from, home)),
    );
    assertNone(strays.map((one) => `${place(one)} must not import ${one.package}. ${instead}`));
  });
}

test("no file imports itself by way of others", () => {
  const edges = imports.flatMap(({ from, file }) => (file === undefined ? [] : [[from, file] as const]));
  assertNone(
    cycles(edges).map(
      (cycle) => `${cycle.join(" → ")}: move what they share to a file of its own that imports neither.`,
    ),
  );
});

test("verbs of every day load no schemas but those of the small kind, and of libraries only these", () => {
  const kept = imports.filter(({ typeOnly, later }) => !typeOnly && !later);
  const begun = ["everyday", "arguments/parse", ...everydayVerbs.map((name) => `verbs/${name}`)];
  const loaded = new Set([...begun.map((name) => `daemon/cli/${name}.ts`), "shared/client/daemon.ts"]);
  for (const file of loaded)
    for (const { file: next } of kept.filter(({ from }) => from === file)) if (next) loaded.add(next);
  const ofPackages = kept.filter(({ package: name = "node:" }) => !name.startsWith("node:"));
  const used = ofPackages.filter(({ from }) => loaded.has(from)).map(({ specifier }) => specifier);
  assert.deepEqual(
    [...new Set(used)].sort(),
    // The second and the fourth are loaded when a text has to be measured, see .ci/bundles/lazy-libraries.ts.
    ["@vscode/l10n", "cli-truncate", "commander", "string-width", "vscode-jsonrpc/node", "ws", "zod/mini"],
    "Each costs every start and status some of its 80 ms: import what is seldom needed later, with import().",
  );
});

test("a session host, of which there is one a server, loads schemas of the small kind alone", () => {
  const kept = imports.filter(({ typeOnly }) => !typeOnly);
  const loaded = new Set(["daemon/host/main.ts"]);
  for (const file of loaded)
    for (const { file: next } of kept.filter(({ from }) => from === file)) if (next) loaded.add(next);
  const large = kept.filter(({ from, specifier }) => specifier === "zod" && loaded.has(from));
  assertNone(
    large.map(
      (one) =>
        `${place(one)} imports zod, and daemon/host imports it: what hosts need of it goes to a file without, or uses zod/mini.`,
    ),
  );
});

test("the top level holds only what DESIGN.md names", () => {
  const strays = committedTopLevel().filter((name) => !name.startsWith(".") && !topLevel.includes(name));
  assertNone(
    strays.map((name) => `${name}: the top level is fixed; put it in the folder whose matter it is.`),
  );
});

test("lockfiles hold no registry addresses", () => {
  const wrong = lockfiles.filter((file) =>
    /"resolved": "https?:/.test(readFileSync(join(repository, file), "utf8")),
  );
  assertNone(
    wrong.map(
      (file) =>
        `${file} names a registry. Remove its "resolved" lines, and install with the repository's .npmrc.`,
    ),
  );
});

test("lockfiles name the optional packages of every platform, so that npm ci accepts them everywhere", () => {
  const wrong = lockfiles.flatMap((file) =>
    missingPlatforms(JSON.parse(readFileSync(join(repository, file), "utf8"))).map(([path]) => ({
      file,
      path,
    })),
  );
  assertNone(
    wrong.map(
      ({ file, path }) =>
        `${file} lacks ${path}. Run: node test/support/install/complete-lockfile.ts ${file}`,
    ),
  );
});

test(`no source file is longer than ${longestFile} lines`, () => {
  const lengths = files.map(
    (file) => [file, readFileSync(join(repository, file), "utf8").split("\n").length] as const,
  );
  const long = lengths.filter(([, lines]) => lines > longestFile);
  assertNone(long.map(([file, lines]) => `${file} has ${lines} lines: split it by what it is about.`));
});

/** The rule of the longest folder that contains the file. */
function ruleFor(file: string): FolderRule | undefined {
  const containing = folderRules.filter(({ folder }) => isIn(file, folder));
  return containing.sort((a, b) => b.folder.length - a.folder.length)[0];
}

function isAllowed(file: string, rule: FolderRule): boolean {
  return isIn(file, rule.folder) || rule.may.some((allowed) => isIn(file, allowed));
}

function isIn(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

function place({ from, line }: Import): string {
  return `${from}:${line}`;
}

function assertNone(messages: readonly string[]): void {
  assert.equal(messages.length, 0, `\n${messages.map((message) => `  • ${message}`).join("\n")}\n`);
}

/** What git has; in an unpacked archive, what lies there less what a build and an installation add. */
function committedTopLevel(): string[] {
  if (existsSync(join(repository, ".git"))) {
    const listed = execFileSync("git", ["ls-tree", "--name-only", "HEAD"], {
      cwd: repository,
      encoding: "utf8",
    });
    return listed.split("\n").filter((name) => name !== "");
  }
  return readdirSync(repository).filter(
    (name) => !["node_modules", "dist"].includes(name) && !/\.(vsix|log)$/.test(name),
  );
}
