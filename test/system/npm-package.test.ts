import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { type Finished, runProgram } from "../support/child.ts";
import { createHome } from "../support/home.ts";
import { npm } from "../support/install/npm.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { manifest, pack } from "./packages/packed.ts";

/** The package of what was built, made once for both tests. */
const out = mkdtempSync(join(realpathSync(tmpdir()), "dl-npm-"));
const archive = join(out, `devlatch-${manifest.version}.tgz`);
before(() => pack(["npm"], out));
after(() => rmSync(out, { recursive: true, force: true }));

/** Installs the package in an empty project. @returns runs its command line, as npx finds it there */
async function install(t: TestContext, directory: string, archive: string, ...options: string[]) {
  writeFileSync(join(directory, "package.json"), '{ "private": true }\n');
  await npm(["install", archive, "--omit=dev", ...options], { cwd: directory, timeoutMs: 120_000 });
  const home = createHome(t);
  const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  return (...args: string[]): Promise<Finished> =>
    runProgram("npx", ["--no", "--", "devlatch", ...args], { cwd: directory, env: home.env({ PATH }) });
}

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-npm-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("the package that npm installs works alone, with its plugin for agents, and without a native part with pipes in place of a terminal", async (t) => {
  const directory = directoryOf(t);
  const listed = await runProgram("tar", ["-tzf", archive]);
  const files = listed.stdout
    .trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));
  assert.deepEqual(
    files.filter((path) => !/^(?:dist\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(path)),
    [],
  );
  assert.equal(
    files.some((path) => path.includes("node_modules")),
    false,
  );
  for (const path of [
    "plugin.json",
    ".claude-plugin/plugin.json",
    "skills/devlatch/SKILL.md",
    "hooks/hooks.json",
  ])
    assert.ok(files.includes(`dist/plugin/${path}`), path);
  const facts = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  assert.equal("repository" in facts || "bugs" in facts, false, "nothing invented");

  const cwd = await prepareProject("plain", t);
  const port = await freePort();
  writeFileSync(
    join(cwd, "devlatch.json"),
    JSON.stringify({ apps: { web: { command: "npm run dev", port } } }),
  );
  const devlatch = await install(t, directory, archive);
  assert.equal((await devlatch("--version")).stdout.trim(), facts.version);
  const started = await devlatch("start", "web", "--cwd", cwd, "--json");
  assert.equal(started.code, 0, started.stdout + started.stderr);
  assert.equal((await devlatch("stop", "web", "--cwd", cwd)).code, 0);

  rmSync(join(directory, "node_modules/@lydell"), { recursive: true });
  rmSync(join(directory, "node_modules/koffi"), { recursive: true });
  // As on Alpine, for which there is none.
  const piped = await devlatch("start", "web", "--cwd", cwd, "--json");
  assert.equal(piped.code, 0, piped.stdout + piped.stderr);
  assert.match((await devlatch("status", "--cwd", cwd)).stdout, /web +ready · pipes, no terminal/);
  const doctor = await devlatch("doctor", "--cwd", cwd);
  assert.match(doctor.stdout, /pipes in place of a terminal: .*isn't installed for \S+-\S+\./);
  assert.match(doctor.stdout, /--include=optional/);
  assert.equal((await devlatch("stop", "web", "--cwd", cwd)).code, 0);
});

test("what npm alone packs of a build is the very same", async (t) => {
  const directory = directoryOf(t);
  const tree = join(directory, "tree");
  const facts = ["package.json", "package-lock.json", "README.md", "CHANGELOG.md", "LICENSE"];
  for (const name of ["dist", ".ci", ".npmignore", ...facts])
    cpSync(join(repository, name), join(tree, name), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(tree, "node_modules"));
  // npm runs this after a build like that of `npm run package`, and before it packs.
  const build = "node esbuild.mjs --quiet --clean --maps";
  const prepack = "node .ci/packages/prepack.ts";
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  assert.deepEqual(
    [scripts.prepack, scripts.package],
    [`${build} && ${prepack}`, `${build} && node .ci/packages/main.ts`],
  );
  const [program = "", ...args] = prepack.split(" ");
  const prepared = await runProgram(program, args, { cwd: tree });
  assert.equal(prepared.code, 0, prepared.stderr);
  await npm(["pack", "--ignore-scripts"], { cwd: tree, timeoutMs: 120_000 });
  const packed = readFileSync(join(tree, `devlatch-${manifest.version}.tgz`));
  assert.ok(packed.equals(readFileSync(archive)));
});
