import { EventEmitter } from "node:events";
import type { Socket as NetSocket } from "node:net";
import { duplexPair } from "node:stream";
import type { Message } from "vscode-jsonrpc/node";
import type * as z from "zod";
import { HolderRecord } from "../../../daemon/holders/records.ts";
import { connectMessages } from "../../../daemon/host/framing.ts";
import { hostApi } from "../../../daemon/host/protocol.ts";
import { PoolRecord } from "../../../daemon/sandboxes/pool-record.ts";
import { RecordTable } from "../../../daemon/store/record-table.ts";
import type { RecordStore } from "../../../daemon/store/store.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { DaemonState } from "../../../shared/client/state-file.ts";
import { parseLockKey, parseRecordKey } from "../../../shared/model/keys.ts";
import { RunRecord } from "../../../shared/model/run.ts";
import { SessionRecord } from "../../../shared/model/session.ts";
import { AuthenticateParams, HelloParams } from "../../../shared/protocol/handshake.ts";
import { methods, notifications } from "../../../shared/protocol/methods.ts";
import { isProof } from "../../../shared/protocol/proof.ts";
import type { Methods } from "../../../shared/rpc/api.ts";
import { hear } from "../../../shared/rpc/notified.ts";
import { dispatch, type Handlers } from "../../../shared/rpc/serving.ts";
import { type Socket, SocketReader } from "../../../shared/rpc/transport.ts";
import { silentLog } from "../../support/log.ts";
import type { Decoder } from "./decoders.ts";

const { signal } = new AbortController();
const place = { cwd: "/work/shop", app: "web" };
const requests: readonly (readonly [method: string, params: unknown])[] = [
  [
    "session/start",
    { ...place, command: ["npm", "run", "dev"], env: { A: "b" }, consent: [{ pid: 1, startTime: "b:1" }] },
  ],
  ["session/logs", { ...place, cursor: 3, grep: "a+", kinds: ["output"], waitMs: 1 }],
  ["sandbox/claim", { cwd: "/work/shop", owner: "me", leaseMs: 5_000 }],
  ["run/start", { cwd: "/w", key: "build", command: ["x"], callId: "c", inputs: { A: "b" } }],
  ["state/subscribe", { since: { epoch: "e", revision: 3 } }],
  ["language/message", { message: { jsonrpc: "2.0", method: "x" } }],
];
const messages = requests.map(([method, params]) =>
  JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
);

/** As a server would have it that refuses everything it understands. */
function served<T extends Methods>(table: T) {
  const refuse = () => {
    throw new DevlatchError("NOT_RUNNING", "It doesn't run.", "Start it.");
  };
  const handlers = Object.fromEntries(Object.keys(table).map((name) => [name, refuse]));
  return {
    methods: table,
    handlers: handlers as unknown as Handlers<T, { signal: AbortSignal }>,
    name: "It",
    remedy: "",
  };
}

/** What a reader makes of one frame. */
function framed(text: Buffer): (Message & { method?: unknown; params?: unknown }) | undefined {
  let read: Message | undefined;
  const socket = Object.assign(new EventEmitter(), { send() {}, close() {}, bufferedAmount: 0 });
  new SocketReader(socket as unknown as Socket).listen((message) => {
    read = message;
  });
  socket.emit("message", text, false);
  return read;
}

async function answered(table: Methods, input: Buffer): Promise<unknown> {
  const message = framed(input);
  const { method, params } = message ?? {};
  if (typeof method === "string") await dispatch(served(table), method, params, { signal });
  return undefined;
}

const session = {
  ...{ session: "dev_server_web", app: "web", sandboxId: "sb_0123456789abcdef", root: "/w", fence: 3 },
  ...{
    state: { kind: "ready", pid: 1, startTime: "b:1", port: 3000, url: "http://localhost:3000", since: 1 },
  },
};

/** What tables take from a store that anyone may have written to. */
async function tabled(schema: z.ZodType, input: Buffer): Promise<unknown> {
  const value: unknown = parsed(input);
  const store = {
    onChanged: new Emitter<{ key: string }>().event,
    list: async (prefix: string) => [{ key: `${prefix}k`, value, version: 1 }],
  } as unknown as RecordStore;
  const keyOf = (record: unknown) => JSON.stringify(record).slice(0, 10);
  const table = new RecordTable(
    store,
    { kind: "session", schema: schema as z.ZodType<never>, keyOf },
    silentLog,
  );
  await table.load();
  return table.all();
}

function parsed(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString());
  } catch {
    return input.toString();
  }
}

async function hostFrames(input: Buffer): Promise<unknown> {
  const [near, far] = duplexPair();
  const rpc = connectMessages(near as unknown as NetSocket);
  const heard: unknown[] = [];
  rpc.onRequest((method, params) => void heard.push([method, params]));
  rpc.onNotification((method, params) => void heard.push([method, params]));
  rpc.onError(() => {});
  rpc.onUnhandledNotification(() => {});
  rpc.listen();
  far.on("error", () => {});
  near.on("error", () => {});
  far.resume();
  far.write(input);
  await new Promise((resolve) => setImmediate(resolve));
  rpc.dispose();
  near.destroy();
  far.destroy();
  return heard;
}

const records: readonly (readonly [name: string, schema: z.ZodType, seed: unknown])[] = [
  ["session", SessionRecord, session],
  [
    "run",
    RunRecord,
    { key: "build", sandboxId: "sb_0123456789abcdef", fence: 1, launchId: "l", command: ["x"] },
  ],
  ["holders", HolderRecord, { session: "s", machineId: "m", holders: [{ label: "x", pid: 1 }] }],
  [
    "pool",
    PoolRecord,
    { poolId: "p", main: "/w", root: "/w", slots: [{ path: "/x", state: { kind: "free" } }] },
  ],
];

export const messageDecoders: readonly Decoder[] = [
  { name: "messages to the daemon", seeds: messages, decode: (input) => answered(methods, input) },
  { name: "messages to a host", seeds: messages, decode: (input) => answered(hostApi.methods, input) },
  {
    name: "frames of a host",
    seeds: messages.map((text) => `Content-Length: ${text.length}\r\n\r\n${text}`),
    decode: hostFrames,
  },
  {
    name: "handshake",
    seeds: [
      JSON.stringify({
        protocol: { min: 1, max: 1 },
        build: "1",
        nonce: "n".repeat(32),
        client: { kind: "cli", name: "x", pid: 1, trusted: true },
      }),
      JSON.stringify({ proof: "a".repeat(64) }),
    ],
    decode: (input) => {
      const value = parsed(input);
      const proof = AuthenticateParams.safeParse(value);
      if (proof.success && isProof(proof.data.proof, "t", "client", "n"))
        throw new Error("a forged proof passed");
      return HelloParams.safeParse(value).data;
    },
  },
  {
    name: "notifications",
    seeds: [
      JSON.stringify({ revision: 1, sessions: [session] }),
      JSON.stringify({ terminal: "t", data: "AAAA" }),
    ],
    decode: (input) =>
      Object.keys(notifications).map((name) => hear(notifications, name, parsed(input)).kind),
  },
  {
    name: "the daemon's state file",
    seeds: [JSON.stringify({ pid: 1, address: { socketPath: "/x" }, version: "1" })],
    decode: (input) => DaemonState.safeParse(parsed(input)).data,
  },
  {
    name: "keys",
    seeds: [
      "dev_server_start:{sb_0123456789abcdef}:web",
      "run:{sb_0}:a:b",
      "session/{sb_1}:web",
      "holders/{a}:b/c",
    ],
    decode: (input) => [parseLockKey(input.toString()), parseRecordKey(input.toString())],
  },
  ...records.map(([name, schema, seed]) => ({
    name: `records: ${name}`,
    seeds: [JSON.stringify(seed)],
    decode: (input: Buffer) => tabled(schema, input),
  })),
];
