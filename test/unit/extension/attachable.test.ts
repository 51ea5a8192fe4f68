import assert from "node:assert/strict";
import { test } from "node:test";
import { attachable } from "../../../extension/debug/attachable.ts";
import { listener, states } from "./samples.ts";

const ready = states.ready;
const own = listener({ pid: ready.pid, startTime: ready.startTime, command: "node server.js" });

test("a debugger goes to the very process that serves, if that is Node", () => {
  const found = (program: string | undefined, command = own.command) =>
    attachable(ready, [{ ...own, command }], () => program);
  assert.deepEqual(found("/usr/bin/node"), { kind: "yes", pid: ready.pid });
  assert.deepEqual(found("/usr/bin/node", "next-server (v16.4.6)"), { kind: "yes", pid: ready.pid });
  assert.deepEqual(found(undefined), { kind: "yes", pid: ready.pid });
});

test("any other program would be ended by the debugger's signal: it is named and left alone", () => {
  const foreign = (program: string) => attachable(ready, [own], () => program);
  assert.deepEqual(foreign("/usr/bin/python3.11"), { kind: "foreign", program: "python3.11" });
  assert.deepEqual(foreign("/usr/local/bin/bun"), { kind: "foreign", program: "bun" });
  assert.equal(attachable(ready, [{ ...own, command: "nodemon x" }], () => undefined).kind, "foreign");
});

test("a process that came to its pid later, or that no listener is, gets no debugger", () => {
  assert.equal(attachable(ready, [{ ...own, startTime: "boot:2" }], () => "/usr/bin/node").kind, "unseen");
  assert.equal(attachable(ready, [], () => "/usr/bin/node").kind, "unseen");
});
