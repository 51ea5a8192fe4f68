import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canBeEnded,
  conflictOf,
  describeClients,
  describeConsent,
  describeListeners,
  endsForeignProcess,
} from "../../../extension/commands/port-conflict.ts";
import { listener } from "./samples.ts";

const conflict = (data: unknown) =>
  conflictOf({ code: "PORT_CONFLICT", message: "Taken.", remedy: "Choose.", data });

test("a process that listens on IPv4 and IPv6 is shown once", () => {
  const both = [listener(), listener({ address: "::1" })];
  assert.equal(conflict({ port: 3000, listeners: both })?.listeners.length, 1);
});

test("the dialog shows command, process, directory, user and session", () => {
  const text = describeListeners([listener({ session: "dev_server_web" })]);
  for (const fact of ["node other.js", "99", "/elsewhere", "ada", "dev_server_web", "127.0.0.1:3000"]) {
    assert.ok(text.includes(fact), fact);
  }
  assert.match(describeListeners([listener({ address: "::" })]), /\[::\]:3000/);
});

test("a container's proxy isn't offered to be ended; the dialog says how to stop the container", () => {
  const container = { engine: "docker", name: "web", image: "nginx:1.27" } as const;
  const published = listener({ container });
  assert.equal(canBeEnded([listener()]), true);
  assert.equal(canBeEnded([listener(), published]), false);
  const shown = conflict({ port: 3000, listeners: [published] });
  assert.match(
    describeListeners(shown?.listeners ?? []),
    /Serves: container web \(docker, nginx:1\.27\)\. To free the port, stop it with: docker stop web/,
  );
});

test("another session's server isn't offered to be ended; the dialog says how it is stopped", () => {
  const other = listener({ session: "dev_server_web" });
  assert.equal(canBeEnded([listener(), other]), false);
  assert.match(describeListeners([other]), /Stop it from its own workspace, or in the Servers view/);
});

test("clients are named after those who listen, and nothing is said of none", () => {
  const { address: _, port: __, ...process } = listener();
  assert.equal(describeClients([{ ...process, connections: 2 }]), "Connected to it: node other.js (99)");
  assert.equal(describeClients([]), "");
});

test("a conflict without listeners is an error to report, not a question to ask", () => {
  assert.equal(conflict({ port: 3000, listeners: [] }), undefined);
  assert.equal(conflict(undefined), undefined);
});

test("a question for consent shows the process it is about", () => {
  const error = { code: "CONSENT_REQUIRED", message: "By hand.", remedy: "Say yes." } as const;
  assert.match(
    describeConsent({ ...error, data: { process: listener() } }),
    /node other\.js[\s\S]*99[\s\S]*ada/,
  );
  assert.equal(describeConsent(error), "Say yes.");
});

test("a question for consent says that others lose the server, beside a process started by hand", () => {
  const error = { code: "CONSENT_REQUIRED", message: "Used.", remedy: "Say yes." } as const;
  const holders = ["window of shop", "terminal pts/3, bash"].map((label) => ({
    kind: "window",
    label,
    since: 0,
    machine: "box",
  }));
  assert.equal(describeConsent({ ...error, data: { holders } }), "It ends for them, too.");
  assert.match(
    describeConsent({ ...error, data: { holders, process: listener() } }),
    /for them, too[\s\S]*node other/,
  );
  assert.equal(endsForeignProcess({ ...error, data: { holders } }), false);
  assert.equal(endsForeignProcess({ ...error, data: { process: listener() } }), true);
});
