import assert from "node:assert/strict";
import { test } from "node:test";
import { isWithin } from "../../../shared/base/within.ts";

test("a path is within a directory by whole names", () => {
  assert.ok(isWithin("/work/app", "/work/app", false));
  assert.ok(isWithin("/work/app/src", "/work/app", false));
  assert.ok(isWithin("/work", "/", false));
  assert.ok(!isWithin("/work/app2", "/work/app", false));
  assert.ok(!isWithin("/work/App", "/work/app", false));
});

test("on Windows case, slashes and the longer form of a path make no difference", () => {
  for (const path of ["c:\\Work\\APP\\src", "C:/work/app", "\\\\?\\C:\\work\\app\\x"])
    assert.ok(isWithin(path, "C:\\work\\app", true), path);
  assert.ok(isWithin("\\\\?\\UNC\\server\\share\\a", "\\\\Server\\share", true));
  assert.ok(isWithin("C:\\x", "C:\\", true));
  assert.ok(!isWithin("C:\\work\\app2", "C:\\work\\app", true));
  assert.ok(!isWithin("D:\\work\\app", "C:\\work\\app", true));
});
