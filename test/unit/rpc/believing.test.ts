import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { createMessageConnection, type Message } from "vscode-jsonrpc/node";
import * as z from "zod";
import { DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import type { Api } from "../../../shared/rpc/api.ts";
import { RpcClient } from "../../../shared/rpc/client.ts";
import { Tunnel } from "../../../shared/rpc/tunnel.ts";

const api = {
  methods: { double: { params: z.object({ n: z.int() }), result: z.object({ n: z.int() }), deadlineMs: 1 } },
  notifications: { tick: z.object({ count: z.int() }) },
  clientNotifications: {},
} as const satisfies Api;

/** A calling end that believes what it hears, and what it sent; `serve` gets every message. */
function believing(t: TestContext, serve: (message: Message, say: (message: object) => void) => void) {
  const sent: { id?: number; method?: string; params?: unknown }[] = [];
  const say = (message: object) => tunnel.receive({ jsonrpc: "2.0", ...message } as Message);
  const tunnel = new Tunnel((message) => {
    sent.push(message as never);
    serve(message, say);
  });
  const rpc = createMessageConnection(tunnel.reader, tunnel.writer);
  const lost = () => new DevlatchError("HOST_FAILED", "It is gone.", "Look.");
  let loads = 0;
  const load = async () => {
    loads++;
    return api;
  };
  const server = { name: "The test", remedy: "Look.", lost };
  const client = new RpcClient({ rpc, server }, { kind: "believed", load });
  rpc.listen();
  // Deadlines don't keep a process alive.
  const timer = setInterval(() => {}, 1_000);
  t.after(() => {
    clearInterval(timer);
    client.dispose();
  });
  return { client, sent, say, cut: () => tunnel.dispose(), loads: () => loads };
}

it("takes answers and notifications as they come, and loads no table for them", async (t) => {
  const { client, say, loads } = believing(t, (message, answer) => {
    if ("id" in message) answer({ id: message.id, result: { n: "two" } });
  });
  const heard: unknown[] = [];
  client.onNotification("tick", (value) => heard.push(value));
  say({ method: "tick", params: { count: "1" } });
  assert.deepEqual(await client.request("double", { n: 1 }), { n: "two" });
  assert.deepEqual(heard, [{ count: "1" }]);
  assert.equal(loads(), 0);
});

it("gives up at the method's own deadline, and tells the serving end to stop", async (t) => {
  const { client, sent, loads } = believing(t, () => {});
  await assert.rejects(client.request("double", { n: 1 }), (error) => hasCode(error, "DEADLINE"));
  assert.equal(loads(), 1);
  const cancelled = sent.find(({ method }) => method === "$/cancelRequest");
  assert.deepEqual(cancelled?.params, { id: sent[0]?.id });
});

it("waits no longer than it is told", async (t) => {
  const { client } = believing(t, () => {});
  const request = client.request("double", { n: 1 }, { timeoutMs: 5 });
  await assert.rejects(request, (error) => hasCode(error, "DEADLINE"));
});

it("ends with the caller's signal, and tells the serving end to stop", async (t) => {
  const { client, sent } = believing(t, () => {});
  const cancel = new AbortController();
  const request = client.request("double", { n: 1 }, { signal: cancel.signal });
  const mine = new Error("I changed my mind");
  cancel.abort(mine);
  await assert.rejects(request, mine);
  assert.ok(sent.some(({ method }) => method === "$/cancelRequest"));
  await assert.rejects(client.request("double", { n: 1 }, { signal: cancel.signal }), mine);
});

it("says that the connection ended, and the serving end's own errors", async (t) => {
  const { client, cut } = believing(t, (message, answer) => {
    if ("id" in message)
      answer({ id: message.id, error: { code: 1, message: "m", data: { code: "LOCK_HELD" } } });
  });
  await assert.rejects(client.request("double", { n: 1 }), (error) => hasCode(error, "LOCK_HELD"));
  cut();
  await assert.rejects(client.request("double", { n: 1 }), (error) => hasCode(error, "HOST_FAILED"));
});
