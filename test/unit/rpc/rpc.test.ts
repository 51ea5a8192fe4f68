import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { createMessageConnection, type Message } from "vscode-jsonrpc/node";
import * as z from "zod";
import { DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import type { Api } from "../../../shared/rpc/api.ts";
import { RpcClient } from "../../../shared/rpc/client.ts";
import { answerRequests, type Call, deliver, dispatch, type Handlers } from "../../../shared/rpc/serving.ts";
import { Tunnel } from "../../../shared/rpc/tunnel.ts";

const api = {
  methods: {
    double: { params: z.object({ n: z.int() }), result: z.object({ n: z.int() }), deadlineMs: 60_000 },
    /** Takes as long as it is allowed to. */
    linger: {
      params: z.object({ forMs: z.number() }),
      result: z.object({}),
      deadlineMs: ({ forMs }: { forMs: number }) => forMs,
    },
  },
  notifications: { tick: z.object({ count: z.int() }) },
  clientNotifications: { poke: z.object({ how: z.string() }) },
} as const satisfies Api;

type TestHandlers = Handlers<typeof api.methods, Call>;

/** What crosses the wire in one direction. */
interface Wire {
  readonly sent: { id?: number; method?: string; params?: unknown; result?: unknown; error?: unknown }[];
}

/** Deadlines don't keep a process alive: something has to, while a test waits for one. */
function stayAwake(t: TestContext): void {
  const timer = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(timer));
}

/** A calling end. `serve` gets what it sends; what `say` is given reaches it, whatever that is. */
function calling(t: TestContext, serve: (message: Message, say: (message: object) => void) => void) {
  const wire: Wire = { sent: [] };
  const say = (message: object) => tunnel.receive({ jsonrpc: "2.0", ...message } as Message);
  const tunnel = new Tunnel((message) => {
    wire.sent.push(message as never);
    serve(message, say);
  });
  const rpc = createMessageConnection(tunnel.reader, tunnel.writer);
  const server = {
    name: "The test",
    remedy: "Look.",
    lost: () => new DevlatchError("HOST_FAILED", "It is gone.", "Look."),
  };
  const client = new RpcClient({ rpc, server }, { kind: "checked", api });
  rpc.listen();
  t.after(() => client.dispose());
  return { client, wire, say, cut: () => tunnel.dispose() };
}

/** What the serving end of a test serves: the table, less what the test gives another handler. */
function serving(given: Partial<TestHandlers>) {
  const handlers: TestHandlers = { double: ({ n }) => ({ n: 2 * n }), linger: () => ({}), ...given };
  return { methods: api.methods, handlers, name: "This test", remedy: "Look." };
}

/** Both ends. */
function pair(t: TestContext, given: Partial<TestHandlers> = {}) {
  const served = serving(given);
  const poked: string[] = [];
  const dropped: unknown[] = [];
  const ends = calling(t, (message) => tunnel.receive(message));
  const tunnel = new Tunnel((message) => ends.say(message));
  const rpc = createMessageConnection(tunnel.reader, tunnel.writer);
  answerRequests(rpc, (method, params, signal) => dispatch(served, method, params, { signal }));
  const listeners = {
    poke: ({ how }: { how: string }) => {
      if (how === "hard") throw new Error("ouch");
      poked.push(how);
    },
  };
  rpc.onNotification((name, value) =>
    deliver(api.clientNotifications, listeners, { name, value, caller: undefined }, (why) =>
      dropped.push(why),
    ),
  );
  rpc.listen();
  t.after(() => rpc.dispose());
  return { ...ends, poked, dropped };
}

/** Asks the serving end what the calling end's types don't let through. */
function ask(t: TestContext, method: string, params: unknown, given: Partial<TestHandlers> = {}) {
  stayAwake(t);
  return dispatch(serving(given), method, params, { signal: new AbortController().signal });
}

const failsWith =
  (code: Parameters<typeof hasCode>[1], words: RegExp = /./) =>
  (error: unknown) =>
    hasCode(error, code) && words.test(error.message);

describe("the serving end", () => {
  it("answers what fits its table", async (t) => {
    const { client } = pair(t);
    assert.deepEqual(await client.request("double", { n: 21 }), { n: 42 });
  });

  for (const name of ["halve", "constructor", "__proto__", ""])
    it(`names a method it doesn't have: ${JSON.stringify(name)}`, async (t) => {
      await assert.rejects(ask(t, name, {}), failsWith("UNKNOWN_METHOD", /This test has no method/));
    });

  for (const params of [{ n: 1.5 }, { n: "1" }, {}, [], null, undefined, "n"])
    it(`refuses parameters that don't fit: ${JSON.stringify(params)}`, async (t) => {
      const double = () => assert.fail("it was called");
      await assert.rejects(ask(t, "double", params, { double }), failsWith("INVALID_INPUT", /^double/));
    });

  it("never sends a result that breaks its contract, and nothing that isn't in it", async (t) => {
    const wrong = pair(t, { double: () => ({ n: "2" }) as never });
    await assert.rejects(wrong.client.request("double", { n: 1 }), failsWith("INTERNAL", /contract/));
    const more = pair(t, { double: () => ({ n: 2, secret: "s" }) });
    assert.deepEqual(await more.client.request("double", { n: 1 }), { n: 2 });
  });

  it("makes an error of the closed list of whatever a handler throws, at once or later", async (t) => {
    const own = new DevlatchError("LOCK_HELD", "It is held.", "Wait.", { data: { by: "me" } });
    for (const [thrown, code] of [
      [own, "LOCK_HELD"],
      [new TypeError("x is not a function"), "INTERNAL"],
      ["words", "INTERNAL"],
      [Object.assign(new Error("e"), { code: "EPIPE" }), "INTERNAL"],
    ] as const) {
      const later = pair(t, { double: () => Promise.reject(thrown) });
      await assert.rejects(later.client.request("double", { n: 1 }), failsWith(code));
      const atOnce = pair(t, {
        double: () => {
          throw thrown;
        },
      });
      await assert.rejects(atOnce.client.request("double", { n: 1 }), failsWith(code));
    }
    const { client } = pair(t, { double: () => Promise.reject(own) });
    await assert.rejects(client.request("double", { n: 1 }), { remedy: "Wait.", data: { by: "me" } });
  });

  it("gives up at the deadline, which may follow from the parameters, and aborts the work", async (t) => {
    stayAwake(t);
    const signals: AbortSignal[] = [];
    const linger = (_: unknown, { signal }: Call) => {
      signals.push(signal);
      return new Promise<never>(() => {});
    };
    const { client } = pair(t, { linger });
    await assert.rejects(client.request("linger", { forMs: 5 }), failsWith("DEADLINE"));
    assert.equal(signals[0]?.aborted, true);
  });

  it("aborts the work of a caller that cancels", async (t) => {
    stayAwake(t);
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<unknown>();
    const double = (_: unknown, { signal }: Call) => {
      signal.addEventListener("abort", () => ended.resolve(signal.reason));
      begun.resolve();
      return new Promise<never>(() => {});
    };
    const { client } = pair(t, { double });
    const cancel = new AbortController();
    const request = client.request("double", { n: 1 }, { signal: cancel.signal });
    await begun.promise;
    const mine = new Error("I changed my mind");
    cancel.abort(mine);
    await assert.rejects(request, mine);
    assert.ok(hasCode(await ended.promise, "CANCELLED"));
  });

  it("drops notifications that aren't known, don't fit or whose listener fails, and hears the next", async (t) => {
    const { client, wire, poked, dropped } = pair(t);
    const any = client.notify.bind(client) as unknown as (name: string, value: unknown) => Promise<void>;
    await any("nudge", {});
    await any("constructor", {});
    await any("poke", { how: 1 });
    await any("poke", { how: "hard" });
    await any("poke", { how: "gently" });
    await client.request("double", { n: 1 });
    assert.deepEqual(poked, ["gently"]);
    assert.equal(dropped.length, 4);
    assert.equal(wire.sent.length, 6);
  });
});

describe("the calling end", () => {
  it("refuses an answer that breaks its contract, and takes the next that fits", async (t) => {
    const answers: unknown[] = [{ n: "2" }, null, [], { n: 2 }];
    const { client } = calling(t, (message, say) => {
      if ("id" in message) say({ id: message.id, result: answers.shift() });
    });
    for (let left = answers.length; left > 1; left--) {
      const answer = client.request("double", { n: 1 });
      await assert.rejects(answer, failsWith("MALFORMED_MESSAGE", /^The test's answer to double/));
    }
    assert.deepEqual(await client.request("double", { n: 1 }), { n: 2 });
  });

  it("makes an error of the closed list of any error it is sent", async (t) => {
    const errors = [
      { code: -32_601, message: "Unhandled method double" },
      { code: 1, message: "m", data: { code: "NO_SUCH_CODE", message: "m" } },
      { code: -32_000, message: "m", data: { code: "LOCK_HELD", message: "held" } },
    ];
    const { client } = calling(t, (message, say) => {
      if ("id" in message) say({ id: message.id, error: errors.shift() });
    });
    for (const [code, words] of [
      ["INTERNAL", /Unhandled method double/],
      ["INTERNAL", /m/],
      ["LOCK_HELD", /held/],
    ] as const)
      await assert.rejects(client.request("double", { n: 1 }), failsWith(code, words));
  });

  it("waits for a silent end no longer than it is told, and tells it to stop", async (t) => {
    stayAwake(t);
    const { client, wire } = calling(t, () => {});
    await assert.rejects(client.request("double", { n: 1 }, { timeoutMs: 5 }), failsWith("DEADLINE"));
    const cancelled = wire.sent.find(({ method }) => method === "$/cancelRequest");
    assert.deepEqual(cancelled?.params, { id: wire.sent[0]?.id });
  });

  it("asks nothing where the signal has aborted already", async (t) => {
    const reason = new Error("too late");
    const { client, wire } = calling(t, () => {});
    const request = client.request("double", { n: 1 }, { signal: AbortSignal.abort(reason) });
    await assert.rejects(request, reason);
    assert.deepEqual(wire.sent, []);
  });

  it("says that the connection ended to those who wait, and to all who ask later", async (t) => {
    const { client, cut } = calling(t, () => cut());
    const closed = new Promise<void>((resolve) => client.onClosed(resolve));
    await assert.rejects(client.request("double", { n: 1 }), failsWith("HOST_FAILED", /gone/));
    await closed;
    await assert.rejects(client.request("double", { n: 1 }), failsWith("HOST_FAILED", /gone/));
    await assert.rejects(client.notify("poke", { how: "gently" }), failsWith("HOST_FAILED", /gone/));
  });

  it("ends what is outstanding when it is disposed of, tells it once, and not in the middle of that", async (t) => {
    const { client } = calling(t, () => {});
    let told = 0;
    client.onClosed(() => told++);
    const request = client.request("double", { n: 1 });
    client.dispose();
    client.dispose();
    assert.equal(told, 0);
    await assert.rejects(request, failsWith("HOST_FAILED"));
    assert.equal(told, 1);
  });

  it("drops notifications that aren't known or don't fit, and gives the others to every listener", async (t) => {
    const { client, say } = calling(t, (message, answer) => {
      if ("id" in message) answer({ id: message.id, result: { n: 0 } });
    });
    const heard: unknown[] = [];
    client.onNotification("tick", ({ count }) => heard.push(count));
    const second = client.onNotification("tick", ({ count }) => heard.push(`${count} again`));
    for (const params of [{ count: "1" }, undefined, [1], { count: 1 }]) say({ method: "tick", params });
    say({ method: "tock", params: { count: 2 } });
    await client.request("double", { n: 0 });
    second.dispose();
    say({ method: "tick", params: { count: 3 } });
    await client.request("double", { n: 0 });
    assert.deepEqual(heard, [1, "1 again", 3]);
  });
});
