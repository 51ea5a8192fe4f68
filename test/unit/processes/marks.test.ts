import assert from "node:assert/strict";
import { it } from "node:test";
import { MarkMemory } from "../../../daemon/processes/mark-memory.ts";
import { markOf, markOfCommand } from "../../../daemon/processes/marks.ts";

type One = { readonly pid: number; readonly startTime: string };

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

it("what a process shows between fork and exec is its parent's: the second look counts, and a mark that was dropped stays", () => {
  const memory = new MarkMemory();
  const [daemon, server, tool] = [11, 12, 13].map((pid) => ({ pid, startTime: "boot:1" })) as [One, One, One];
  const all = [daemon, server, tool];
  const look = (...marks: readonly (string | undefined)[]) => {
    const unknown = memory.unknownAmong(all);
    unknown.forEach((process) => {
      memory.learn(process, marks[all.indexOf(process)]);
    });
    return unknown.length;
  };
  assert.equal(look("its client's", "abc", undefined), 3);
  assert.equal(look("devlatch", undefined, undefined), 3);
  assert.equal(look("later", "later", "later"), 0, "none is read a third time");
  assert.deepEqual(
    all.map((one) => memory.of(one)),
    ["devlatch", "abc", undefined],
  );
  memory.unknownAmong([tool]);
  assert.equal(memory.of(daemon), undefined, "who has gone is forgotten");
});
