import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Belongings } from "../../../shared/agents/caller.ts";
import { directoryOf } from "../../../shared/agents/place.ts";

const of = (roots: readonly string[], bounded = true) => ({
  workspaces: { roots, bounded },
  belongings: new Belongings(),
});

test("a workspace is where its agent works; what lies outside, also by a link, is refused", async (context) => {
  const parent = mkdtempSync(join(realpathSync(tmpdir()), "dl-place-"));
  context.after(() => rmSync(parent, { recursive: true }));
  const [shop, secret] = [join(parent, "shop"), join(parent, "shop-secret")];
  for (const one of [join(shop, "apps"), secret]) mkdirSync(one, { recursive: true });
  symlinkSync(secret, join(shop, "link"));
  const place = of([shop]);

  assert.equal(await directoryOf(undefined, place), shop);
  assert.equal(await directoryOf("apps", place), join(shop, "apps"));
  assert.equal(await directoryOf(join(shop, "apps"), place), join(shop, "apps"));
  for (const outside of [secret, "..", join(shop, "link"), "/", join(shop, "..", "shop-secret")])
    await assert.rejects(directoryOf(outside, place), { code: "INVALID_INPUT" }, outside);

  place.belongings.directories.add(secret);
  assert.equal(await directoryOf(secret, place), secret, "a sandbox that it claimed");
});

test("of several workspaces one has to be named, and a client that names none sets no bounds", async () => {
  await assert.rejects(
    directoryOf(undefined, of(["/srv/a", "/srv/b"])),
    /several workspaces: \/srv\/a, \/srv\/b/,
  );
  await assert.rejects(directoryOf("apps", of(["/srv/a", "/srv/b"])), { code: "INVALID_INPUT" });
  assert.equal(await directoryOf("/srv/c", of(["/srv/a"], false)), "/srv/c");
});
