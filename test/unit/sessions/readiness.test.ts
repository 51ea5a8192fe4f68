import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { ProcessInfo } from "../../../daemon/processes/processes.ts";
import { candidates } from "../../../daemon/sessions/listeners.ts";
import { urlOf, waitUntilReady } from "../../../daemon/sessions/readiness.ts";
import type { Listener, ProcessView } from "../../../shared/model/process.ts";
import { record } from "../language/texts.ts";

const listener = (port: number, address = "127.0.0.1"): Listener => ({
  ...{ pid: 1, startTime: "boot:1", command: "node", port, address },
});

interface Row {
  readonly what: string;
  readonly own: readonly number[];
  readonly output?: readonly string[];
  readonly waited?: boolean;
  readonly come: readonly number[];
}

/** 3000 is wished. */
const rows: readonly Row[] = [
  { what: "nothing listens", own: [], waited: true, come: [] },
  { what: "the wished port comes alone", own: [9229, 3000, 24678], come: [3000] },
  {
    what: "the wished port comes before one whose URL is printed",
    own: [3000, 5173],
    output: ["http://localhost:5173/"],
    come: [3000],
  },
  { what: "another port isn't taken before there was time", own: [5173], come: [] },
  { what: "after that it is", own: [5173], waited: true, come: [5173] },
  { what: "the lowest first", own: [24678, 5173, 9229], waited: true, come: [5173, 24678] },
  {
    what: "a printed URL is taken at once, whatever is lower",
    own: [4000, 5173],
    output: ["  Local:   http://localhost:5173/"],
    come: [5173],
  },
  {
    what: "of https and another host, too",
    own: [4000, 5173],
    output: ["https://192.168.0.1:5173"],
    come: [5173],
  },
  {
    what: "a longer number is no mention",
    own: [517],
    output: ["http://localhost:5173/", "port 517", "http://localhost/517"],
    come: [],
  },
];

for (const { what, own, output = [], waited = false, come } of rows) {
  test(`${what}: ${own.join(", ") || "none"} → ${come.join(", ") || "none"}`, () => {
    const found = candidates(
      own.map((port) => listener(port)),
      3000,
      () => output,
      waited,
    );
    assert.deepEqual(
      found.map(({ port }) => port),
      come,
    );
  });
}

test("the output isn't read where the wished port is there, or nothing is", () => {
  const unread = () => assert.fail("it was read");
  candidates([listener(3000)], 3000, unread, true);
  candidates([], 3000, unread, true);
});

for (const [address, scheme, url] of [
  ["127.0.0.1", "http", "http://localhost:3000"],
  ["0.0.0.0", "http", "http://localhost:3000"],
  ["::", "https", "https://localhost:3000"],
  ["::1", "tcp", "http://localhost:3000"],
  ["192.168.0.7", "http", "http://192.168.0.7:3000"],
  ["fe80::1", "http", "http://[fe80::1]:3000"],
] as const) {
  test(`a listener on ${address} that speaks ${scheme} is at ${url}`, () => {
    assert.equal(urlOf(listener(3000, address), { scheme }), url);
  });
}

test("a server that answers isn't ready before its output matches the pattern, and isn't asked before", async (t) => {
  let asked = 0;
  const server = createServer((_request, response) => response.end(`${++asked}`)).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const output = [[], ["compiling"], [], ["compiled in 12 ms"]];
  let looks = 0;
  const web = record("web", { command: ["node"], cwd: "/" });
  const readiness = await waitUntilReady(
    { ...web, settings: { ...web.settings, port }, ready: { pattern: "compiled in \\d+ ms" } },
    { leader: { pid: 1, startTime: "boot:1" }, cookie: "first" },
    {
      processes: {
        describe: async () => ({ command: "node server.js" }) as ProcessView,
        members: async () => [{ pid: 1 } as ProcessInfo],
        // As where all must be looked at.
        listenersOf: async () => undefined,
        listeners: async () => [listener(port)],
        listenersMark: async () => undefined,
      },
      tail: () => {
        if (looks < output.length) assert.equal(asked, 0);
        return output[looks++] ?? [];
      },
      exited: () => undefined,
      onPhase: () => {},
    },
    t.signal,
  );
  assert.equal(readiness.kind === "ready" && readiness.server.port, port);
  // The last look is at who announced the port.
  assert.deepEqual([looks, asked], [5, 1]);
});

test("while a first page is made, whose sockets they are is looked at seldom, and at once where one comes", async (t) => {
  const made = Promise.withResolvers<void>();
  const server = createServer(async (_request, response) => {
    await made.promise;
    response.end("at last");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  let clock = 0;
  t.mock.method(performance, "now", () => clock);
  let [marks, looks, atMark] = [0, 0, 0];
  const web = record("web", { command: ["node"], cwd: "/" });
  const readiness = await waitUntilReady(
    { ...web, settings: { ...web.settings, port } },
    { leader: { pid: 1, startTime: "boot:1" }, cookie: "first" },
    {
      processes: {
        describe: async () => ({ command: "node server.js" }) as ProcessView,
        members: async () => [{ pid: 1 } as ProcessInfo],
        listeners: async () => assert.fail("who listens was asked of all processes"),
        listenersOf: async () => {
          looks += 1;
          atMark = marks;
          return [listener(port)];
        },
        // The pause between two looks, by the clock that the test turns.
        listenersMark: async () => {
          clock += 25;
          marks += 1;
          if (marks === 40) assert.ok(looks >= 3 && looks <= 5, `${looks} looks in a second`);
          if (marks === 52) {
            assert.equal(atMark, 51, "a socket came then");
            made.resolve();
          }
          return marks > 50 ? "1 2" : "1";
        },
      },
      tail: () => ["http://localhost:1"],
      exited: () => undefined,
      onPhase: () => {},
    },
    t.signal,
  );
  assert.equal(readiness.kind === "ready" && readiness.server.port, port);
});
