import assert from "node:assert/strict";
import { test } from "node:test";
import { attachable } from "../../../extension/debug/attachable.ts";
import { inspectorLines, inspectorPorts, isRefusal } from "../../../extension/debug/inspector-ports.ts";
import { listener, states } from "./samples.ts";

const ready = states.ready;
const own = listener({ pid: ready.pid, startTime: ready.startTime, command: "node server.js" });

test("a debugger goes to the very process that serves, if that is Node", () => {
  const found = (program: string | undefined, command = own.command) =>
    attachable(ready, [{ ...own, command }], () => program);
  assert.equal(found("/usr/bin/node").kind, "yes");
  assert.equal(found("/usr/bin/node", "next-server (v16.4.6)").kind, "yes");
  assert.equal(found(undefined).kind, "yes");
  assert.equal(found(undefined, "next-server (v16.4.6)").kind, "yes");
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

test("a debugger comes in by the port that the process says, else by the usual one", () => {
  const said = (...ports: number[]) =>
    ports.map((port) => ({ text: `Debugger listening on ws://127.0.0.1:${port}/ba1d` }));
  assert.deepEqual(inspectorPorts("node server.js", []), [9229]);
  assert.deepEqual(
    inspectorPorts("node --inspect=0.0.0.0:9300 server.js", said(41_001, 41_002)),
    [41_002, 41_001, 9300, 9229],
  );
  assert.deepEqual(inspectorPorts("node --inspect=0 server.js", said(99_999)), [9229]);
  assert.equal(inspectorPorts("node", said(...Array.from({ length: 90 }, (_, at) => 1000 + at))).length, 5);
});

test("a port that another process has is told by Node's own words", () => {
  const line = "Starting inspector on 127.0.0.1:9229 failed: address already in use";
  assert.equal(isRefusal(line), true);
  assert.match(line, new RegExp(inspectorLines));
  assert.match("Debugger listening on ws://127.0.0.1:9229/ba1d", new RegExp(inspectorLines));
});
