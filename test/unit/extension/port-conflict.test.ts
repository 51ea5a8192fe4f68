import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canBeEnded,
  conflictOf,
  describeClients,
  describeConsent,
  describeListeners,
  endsForeignProcess,
  holderLine,
  serverAmong,
  whoseItWas,
} from "../../../extension/commands/port-conflict.ts";
import { listener } from "./samples.ts";

const conflict = (data: unknown) =>
  conflictOf({ code: "PORT_CONFLICT", message: "Taken.", remedy: "Choose.", data });

test("a process that listens on IPv4 and IPv6 is shown once", () => {
  const both = [listener(), listener({ address: "::1" })];
  assert.equal(conflict({ port: 3000, listeners: both })?.listeners.length, 1);
});

const ours = { session: "dev_server_web", server: { app: "web", root: "/work/blog" } };

test("the dialog shows command, process, directory and user, and of a server of ours its app and workspace", () => {
  const text = describeListeners([listener(ours)]);
  for (const fact of [
    "node other.js",
    "99",
    "/elsewhere",
    "ada",
    "web of the workspace /work/blog",
    ":3000",
  ]) {
    assert.ok(text.includes(fact), fact);
  }
  assert.doesNotMatch(text, /dev_server/);
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

test("another workspace's server isn't offered to be ended; the headline names it by its workspace", () => {
  const other = listener(ours);
  assert.equal(canBeEnded([listener(), other]), false);
  assert.deepEqual(serverAmong([other, { ...other, address: "::1" }]), ours.server);
  assert.equal(serverAmong([other, listener()]), undefined, "a stranger has the port, too");
  assert.equal(holderLine(3000, [other]), "Port 3000 is used by the server web of blog.");
  assert.equal(
    holderLine(3000, [listener(), listener({ pid: 7 })], "web"),
    "Port 3000, which web wants, is used by node other.js and 1 more.",
  );
});

test("what the window runs in isn't offered to be ended, and the dialog says why", () => {
  const carrier = listener({ command: "node server-main.js", carriesCaller: true });
  assert.equal(canBeEnded([carrier]), false);
  assert.match(describeListeners([carrier]), /This window runs in it: to end it would end the window/);
});

test("a command line of many pages is cut, wherever a dialog shows it", () => {
  const { address: _, port: __, ...process } = listener({ command: `node ${"x".repeat(9000)}` });
  const long = listener({ command: process.command });
  const shown = [
    describeListeners([long]),
    holderLine(3000, [long]),
    describeClients([{ ...process, connections: 1 }]),
  ];
  for (const text of shown) assert.ok(text.length < 400 && text.includes("…"), text);
});

test("clients are named after those who listen, and nothing is said of none", () => {
  const { address: _, port: __, ...process } = listener();
  assert.equal(describeClients([{ ...process, connections: 2 }]), "Connected to it: node other.js (99)");
  assert.equal(describeClients([]), "");
});

test("a conflict without listeners or another port is an error to report, not a question to ask", () => {
  assert.equal(conflict({ port: 3000, listeners: [], next: 3001 })?.next, 3001);
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
  assert.equal(
    whoseItWas({
      ...error,
      data: { holders: [{ ...holders[0], label: "window of next" }], process: listener() },
    }),
    'It was also used by the window "next". It had been started by hand: node other.js.',
  );
  assert.equal(whoseItWas(error), undefined);
  assert.equal(endsForeignProcess({ ...error, data: { holders } }), false);
  assert.equal(endsForeignProcess({ ...error, data: { process: listener() } }), true);
});
