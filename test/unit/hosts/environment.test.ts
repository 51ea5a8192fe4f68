import assert from "node:assert/strict";
import { it } from "node:test";
import { childEnvironment } from "../../../daemon/hosts/environment.ts";

it("a server inherits its caller's environment, and neither secrets of Devlatch nor the marks of its own processes", () => {
  const caller = {
    ...{ PATH: "/bin", PORT: "1", MODE: "caller" },
    ...{ DEVLATCH_TOKEN: "x", DEVLATCH_REDIS_URL: "redis://h", DEVLATCH_HOST: "a.b", DEVLATCH_DAEMON: "1" },
    DEVLATCH_LAUNCH: "of the session the caller is in",
  };
  const exported = { PORT: "3000", DEVLATCH_LAUNCH: "abc" };
  assert.deepEqual(childEnvironment(caller, { MODE: "settings", PORT: "2" }, exported), {
    PATH: "/bin",
    MODE: "settings",
    PORT: "3000",
    DEVLATCH_LAUNCH: "abc",
  });
});
