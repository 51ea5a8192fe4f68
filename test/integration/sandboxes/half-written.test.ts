import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findRepository } from "../../../daemon/sandboxes/checkout.ts";
import { makeRepository } from "./repository.ts";

test("a worktree that another git is just making doesn't keep a repository from being found", async (t) => {
  const { path, git } = await makeRepository(t, {});
  git("worktree", "add", "--quiet", "-b", "other", join(path, "../other"));
  const file = join(path, ".git/worktrees/other/commondir");
  const whole = readFileSync(file);
  writeFileSync(file, "");
  assert.throws(() => git("worktree", "list"), /failed to read/, "as git has it for a moment");
  const { signal } = new AbortController();
  const found = findRepository(path, "here", signal);
  const written = setTimeout(() => writeFileSync(file, whole), 60);
  t.after(() => clearTimeout(written));
  assert.equal((await found).main, path);

  writeFileSync(file, "");
  await assert.rejects(findRepository(path, "here", signal), /failed to read/, "one that stays so is said");
});
