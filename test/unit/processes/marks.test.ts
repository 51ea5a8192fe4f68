import assert from "node:assert/strict";
import { it } from "node:test";
import { markOf, markOfCommand } from "../../../daemon/processes/marks.ts";

const mark = (environment: Record<string, string>) => markOf((name) => environment[name]);

it("a process belongs to the launch whose cookie it carries, else to Devlatch itself, else it doesn't say", () => {
  assert.equal(mark({ DEVLATCH_LAUNCH: "abc", DEVLATCH_DAEMON: "1" }), "abc");
  assert.equal(mark({ DEVLATCH_DAEMON: "1" }), mark({ DEVLATCH_HOST: "abc.def" }));
  assert.notEqual(mark({ DEVLATCH_DAEMON: "1" }), undefined);
  assert.equal(mark({ DEVLATCH_SESSION: "dev_server_web" }), undefined);
});

it("where only command lines can be read the last argument tells Devlatch's own", () => {
  const own = mark({ DEVLATCH_DAEMON: "1" });
  assert.equal(markOfCommand('"C:\\Program Files\\nodejs\\node.exe" C:\\dist\\daemon.js --devlatch '), own);
  for (const command of ["node host.js", "node --devlatch host.js", "node x--devlatch", "", null, undefined])
    assert.equal(markOfCommand(command), undefined);
});
