import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { buildOfFiles, isOutdated } from "../../../daemon/servers/outdated-errors.ts";
import type { BuildView } from "../../../shared/model/output.ts";

function project(t: TestContext): string {
  const cwd = mkdtempSync(join(tmpdir(), "devlatch-outdated-"));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  mkdirSync(join(cwd, "app/about"), { recursive: true });
  for (const file of ["app/page.js", "app/about/page.js"]) writeFileSync(join(cwd, file), "");
  return cwd;
}

/** A build with an error in each file, reported at this time. */
function failed(time: number, ...files: readonly string[]): BuildView {
  const errors = files.map((file) => ({
    ...{ message: file, phase: "build" as const, seq: 1, time },
    place: { file },
  }));
  const counts = { errorCount: errors.length, warnings: 0, skipped: 0 };
  return { status: "failed", since: time, seq: 1, errors, ...counts };
}

const filesOf = ({ errors }: BuildView) => errors.map(({ place }) => place?.file);
const later = () => Date.now() + 60_000;
const long = 1_000;

test("errors whose files are as they were stay", async (t) => {
  const cwd = project(t);
  const known = failed(later(), "app/page.js", "app/absent.js", "app/about/page.js");
  assert.deepEqual(await buildOfFiles(known, cwd), { build: known, isOutdated: false });
  assert.equal(await isOutdated(known, cwd), false);
});

test("errors whose files were all changed since are outdated, and stay to be told", async (t) => {
  const cwd = project(t);
  const known = failed(long, "app/page.js", "app/about/page.js");
  assert.deepEqual(await buildOfFiles(known, cwd), { build: known, isOutdated: true });
  assert.equal(await isOutdated(known, cwd), true);
});

test("an older file that was moved over another one is a change, too", async (t) => {
  const cwd = project(t);
  writeFileSync(join(cwd, "backup.js"), "");
  utimesSync(join(cwd, "backup.js"), 1, 1);
  renameSync(join(cwd, "backup.js"), join(cwd, "app/page.js"));
  assert.equal(await isOutdated(failed(long * 2, "app/page.js"), cwd), true);
});

test("of several errors those of files that were changed since are left out", async (t) => {
  const cwd = project(t);
  const [page] = failed(long, "app/page.js").errors;
  const known = failed(later(), "app/about/page.js");
  assert.ok(page);
  const both = { ...known, errors: [page, ...known.errors], errorCount: 4 };
  const { build, isOutdated: is } = await buildOfFiles(both, cwd);
  assert.deepEqual([filesOf(build), build.errorCount, is], [["app/about/page.js"], 3, false]);
});

test("the error of a file that was removed is over, also with its directory", async (t) => {
  const cwd = project(t);
  const known = failed(long, "app/about/page.js");
  rmSync(join(cwd, "app/about"), { recursive: true });
  const { build, isOutdated: is } = await buildOfFiles(known, cwd);
  assert.deepEqual([build.status, build.errors, build.errorCount, is], ["clean", [], 0, false]);
  assert.equal(await isOutdated(known, cwd), true);
  const both = failed(long, "app/about/page.js", "app/page.js");
  assert.deepEqual(filesOf((await buildOfFiles(both, cwd)).build), ["app/page.js"]);
});

test("a file that was named from the directory of the sources is found there", async (t) => {
  const cwd = project(t);
  const place = async (time: number) =>
    filesOf((await buildOfFiles(failed(time, "about/page.js"), cwd)).build);
  assert.deepEqual(await place(later()), ["app/about/page.js"]);
  assert.deepEqual(await place(long), ["app/about/page.js"]);
  assert.equal(await isOutdated(failed(long, "about/page.js"), cwd), true);
});

test("what never was a file is no removed one", async (t) => {
  const cwd = project(t);
  for (const file of ["virtual:app/server-build", "app/page.js?vue&type=style", "../beside.js"]) {
    const known = failed(long, file);
    assert.equal((await buildOfFiles(known, cwd)).build.status, "failed", file);
  }
});
