import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { became } from "../../daemon/cli/init/edit.ts";
import { planChanges } from "../../daemon/cli/init/plan.ts";
import { createWorkspace } from "../../daemon/detect/create-workspace.ts";
import { readRegularFileSync } from "../../shared/base/regular-file.ts";

/** Files that stop or fill a reader who takes them for files, and the words that refuse them. */
const odd: readonly (readonly [string, (file: string) => void, RegExp])[] = [
  ["a pipe", (file) => execFileSync("mkfifo", [file]), /is a pipe \(FIFO\), not a file/],
  ["a link to /dev/zero", (file) => symlinkSync("/dev/zero", file), /is a device, not a file/],
  [
    "a terabyte",
    (file) => sparse(file, 2 ** 40),
    /is 1099511627776 bytes long: 1048576 bytes are read at most/,
  ],
  [
    "a file without a size",
    (file) => symlinkSync("/proc/kallsyms", file),
    /doesn't end: 1048576 bytes are read/,
  ],
  ["a directory", (file) => mkdirSync(file), /is a directory, not a file/],
];

const skip = process.platform === "linux" ? false : "pipes, devices and /proc are Linux' here";

for (const name of ["devlatch.json", "package.json"]) {
  for (const [what, make, words] of odd) {
    test(`a ${name} that is ${what} is refused in words, without its bytes`, {
      skip,
    }, async (t) => {
      const root = newDirectory(t);
      make(join(root, name));
      const before = process.memoryUsage().rss;
      const { problems } = await createWorkspace().describe(root);
      assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024, "took too much memory");
      const said = problems.find(({ message }) => words.test(message));
      assert.ok(said, JSON.stringify(problems));
      assert.match(said.message, new RegExp(join(root, name)));
      assert.match(said.remedy, /Move it away|Make it shorter/);
    });
  }
}

test("agents' files that are odd say nothing, and keep nothing from being read", { skip }, async (t) => {
  const names = [".claude/launch.json", "conductor.json", ".codex/environments/environment.toml"];
  for (const [, make] of odd) {
    const root = newDirectory(t);
    writeFileSync(join(root, "package.json"), `{"scripts": {"dev": "next dev"}}`);
    for (const name of names) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      make(join(root, name));
    }
    const { apps, setups } = await createWorkspace().describe(root);
    assert.deepEqual([apps.map(({ app }) => app), setups], [["web"], undefined]);
  }
});

test("init leaves odd files as they are, and says what they are", { skip }, async (t) => {
  for (const [what, make, words] of odd) {
    const root = realpathSync(newDirectory(t));
    make(join(root, "AGENTS.md"));
    const part = { path: "AGENTS.md", put: () => became("x"), take: () => became("x") };
    const { changes, left } = await planChanges(root, [part], "put");
    assert.deepEqual(changes, [], what);
    // A link out of the repository isn't even looked at.
    assert.match(left[0]?.why ?? "", new RegExp(`${words.source}|leads out of`), what);
  }
});

test("twenty pipes of twenty projects leave file access to the others", { skip }, async (t) => {
  const roots = Array.from({ length: 20 }, () => newDirectory(t));
  for (const root of roots)
    execFileSync("mkfifo", [join(root, "pnpm-workspace.yaml"), join(root, "package.json")]);
  const other = newDirectory(t);
  writeFileSync(join(other, "package.json"), `{"scripts": {"dev": "next dev"}}`);
  const [{ apps }] = await Promise.all([
    createWorkspace().describe(other),
    ...roots.map((root) => createWorkspace().describe(root)),
  ]);
  assert.equal(apps[0]?.app, "web");
});

test("the diagnostics' report reads no odd file either", { skip }, (t) => {
  for (const [index, [, make]] of odd.entries()) {
    const file = join(newDirectory(t), String(index));
    make(file);
    assert.equal(readRegularFileSync(file).kind, "refused");
  }
});

function sparse(file: string, bytes: number): void {
  writeFileSync(file, "");
  truncateSync(file, bytes);
}

function newDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-odd-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
