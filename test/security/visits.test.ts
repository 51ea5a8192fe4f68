import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pageOf } from "../../daemon/servers/visit.ts";

const server = "http://localhost:3000";

describe("wait --visit", () => {
  for (const path of [
    "//evil.example/x",
    "/\\evil.example",
    "/\t/evil.example",
    "///evil.example",
    "//localhost:22/",
  ]) {
    it(`${JSON.stringify(path)} is refused: it leads to another server`, () => {
      assert.throws(() => pageOf(server, path), /leads away from http:\/\/localhost:3000/);
    });
  }
  for (const path of ["/", "/about?next=//evil.example", "/a//b", "/@fs/x", "/:80/"]) {
    it(`${path} stays`, () => assert.equal(pageOf(server, path).origin, server));
  }
});
