import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { noticesWithinMs, noticingOf } from "../../../daemon/servers/noticing.ts";
import { record } from "../language/texts.ts";

test("a module that was changed after the last word of the build may be answered as it was, for a while", async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), "devlatch-noticing-"));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  const web = { ...record("web", { command: [], cwd }), framework: "vite" };
  mkdirSync(join(cwd, "src"));
  const changed = (path: string, time: number) => {
    writeFileSync(join(cwd, path), "");
    utimesSync(join(cwd, path), time / 1_000, time / 1_000);
  };
  changed("src/main.js", 10_000);
  changed("src/a b.js", 5_000);
  const left = (paths: readonly string[], builtAt: number, now: number) =>
    noticingOf(web, paths, builtAt, now).then(({ leftMs }) => leftMs);
  assert.equal(await left(["/src/main.js"], 9_000, 10_100), 600);
  assert.equal(await left(["/src/main.js"], 0, 10_100), 600, "also before the first word");
  assert.equal(await left(["/src/main.js"], 10_050, 10_200), 0, "it was told");
  assert.equal(await left(["/src/main.js"], 10_050, 10_100), 50, "of what was changed with it perhaps not");
  assert.equal(await left(["/src/main.js"], 9_000, 10_800), 0, "it had its time");
  changed("src/later.js", 99_000_000);
  assert.equal(await left(["/src/later.js"], 0, 10_100), 0, "a time that has yet to come tells of no change");
  assert.equal(await left(["/src/main.js"], 9_000, 9_800), 700, "a clock that is a little ahead");
  assert.equal(await left(["/app/v1/src/main.js"], 9_000, 10_100), 600, "below a base");
  assert.equal(await left(["/src/a%20b.js"], 4_000, 5_100), 600, "escaped as addresses are");
  assert.equal(await left(["/src/absent.js", "/@vite/client", "/src", "/%E0%A4%A"], 0, 10_100), 0);
  assert.equal(await left(["/..%2f..%2fetc/passwd", "/../src/main.js", "/%00"], 0, 10_100), 0);
});

test("a module whose file isn't found may have been removed; what lies beside package.json may configure the build", async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), "devlatch-noticing-"));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  const web = { ...record("web", { command: [], cwd }), framework: "vite" };
  mkdirSync(join(cwd, "public"));
  const changed = (path: string, time: number) => {
    writeFileSync(join(cwd, path), "");
    utimesSync(join(cwd, path), time / 1_000, time / 1_000);
  };
  changed("public/logo.js", 1_000);
  assert.deepEqual(await noticingOf(web, ["/logo.js"], 0, 9_000), {
    leftMs: 0,
    isTold: false,
    areKnown: true,
  });
  assert.equal((await noticingOf(web, ["/logo.js", "/gone.js"], 0, 9_000)).areKnown, false);
  changed("vite.config.js", 8_900);
  const unread = { leftMs: 600, areKnown: true };
  assert.deepEqual(await noticingOf(web, ["/logo.js"], 0, 9_000), { ...unread, isTold: false });
  assert.deepEqual(
    await noticingOf(web, ["/logo.js"], 8_950, 9_000),
    { ...unread, isTold: true },
    "that may have been a module's",
  );
  assert.equal((await noticingOf(web, [], 0, 9_000)).leftMs, 600, "no module was loaded");
  assert.equal((await noticingOf(web, [], 0, 9_600)).leftMs, 0);
  for (let index = 0; index < 256; index++) writeFileSync(join(cwd, `${index}.log`), "");
  const { areKnown } = await noticingOf(web, ["/logo.js"], Date.now() + 9_000, Date.now());
  assert.equal(areKnown, false, "more than is looked at");
});

test("who looks at files once a second has longer, and so has TypeScript for what it missed", () => {
  const within = (framework: string, ...messages: readonly string[]) =>
    noticesWithinMs(
      { framework },
      messages.map((message) => ({ message })),
    );
  const usual = within("nest");
  assert.ok(within("django") > usual);
  assert.ok(within("nest", "TS2322: no.", "TS2307: Cannot find module './c'.") > usual);
  assert.equal(within("nest", "TS2322: no."), usual);
});
