import type { AppName } from "./app.ts";
import type { RunKey } from "./run.ts";
import type { SandboxId } from "./sandbox.ts";

/**
 * Kinds of locks, by the word that their keys begin with, and what one lock of the kind is about. A key is
 * `<kind>:{<id of the scope>}:<name in the scope>`: the braces keep what belongs together on one node of a cluster.
 */
const lockScopes = {
  /** Starting or stopping the server of an app. */
  dev_server_start: "sandbox",
  /** The lease of an exclusive run, held as long as that lives. */
  run: "sandbox",
  sandbox_pool: "pool",
  /** The port blocks of a machine's pools. */
  sandbox_ports: "machine",
} as const;

/** The same of records: `<kind>/<id of the scope>/<name in the scope>`. */
const recordScopes = {
  session: "sandbox",
  run: "sandbox",
  holders: "sandbox",
  sandbox_pool: "pool",
  sandbox_ports: "machine",
  /** Which process a daemon is. */
  daemon: "daemon",
  /** What a daemon tells all others of its locks. */
  monitor: "store",
} as const;

export type LockKind = keyof typeof lockScopes;
export type RecordKind = keyof typeof recordScopes;

/** What a key says of its lock or record. */
interface KeyParts<K, S> {
  readonly kind: K;
  readonly scope: S;
  /** The sandbox, pool, machine or daemon. */
  readonly id: string;
  /** Which of the scope's, e.g. the app; empty where the scope has only one. */
  readonly name: string;
}
type LockKeyParts = KeyParts<LockKind, (typeof lockScopes)[LockKind]>;
type RecordKeyParts = KeyParts<RecordKind, (typeof recordScopes)[RecordKind]>;

/** Names a session. */
export interface SessionPlace {
  readonly sandboxId: SandboxId;
  readonly app: AppName;
}

/** Names an exclusive run. */
export interface RunPlace {
  readonly sandboxId: SandboxId;
  readonly key: RunKey;
}

/** The lock under which a session is started or stopped. */
export function startLockKey({ sandboxId, app }: SessionPlace): string {
  return lockKey("dev_server_start", sandboxId, app);
}

/** The lease of a run. */
export function runLeaseKey({ sandboxId, key }: RunPlace): string {
  return lockKey("run", sandboxId, key);
}

/** The lock under which a pool is changed. */
export function poolLockKey(poolId: string): string {
  return lockKey("sandbox_pool", poolId);
}

/** The lock under which the port blocks of a machine are changed. */
export function portsLockKey(machineId: string): string {
  return lockKey("sandbox_ports", machineId);
}

/** Identifies a session: among the records of its kind, in snapshots and in deltas. */
export function sessionKey({ sandboxId, app }: SessionPlace): string {
  return `${sandboxId}/${app}`;
}

/** The session that a key identifies: an app's name has no slash. */
export function sessionOf(key: string): SessionPlace {
  const [sandboxId, app] = splitAtLast(key);
  return { sandboxId, app };
}

/** Identifies a run among the records of its kind, and in this daemon. */
export function runKey({ sandboxId, key }: RunPlace): string {
  return `${sandboxId}/${key}`;
}

/** Identifies, among the records of their kind, the holders of a session on one machine. */
export function holdersKey(place: SessionPlace, machineId: string): string {
  return `${sessionKey(place)}/${machineId}`;
}

/** Whose holders a key identifies. @returns the session's key, and the machine */
export function holdersOf(key: string): { readonly session: string; readonly machineId: string } {
  const [session, machineId] = splitAtLast(key);
  return { session, machineId };
}

/** What the keys of all records of a kind begin with; the rest identifies the record among them. */
export function recordPrefix(kind: RecordKind): string {
  return `${kind}/`;
}

/** @returns undefined for what is no lock of this build */
export function parseLockKey(key: string): LockKeyParts | undefined {
  const [, kind = "", id = "", name = ""] = /^([a-z_]+):\{([^{}]+)\}(?::(.+))?$/.exec(key) ?? [];
  return isOneOf(lockScopes, kind) ? { kind, scope: lockScopes[kind], id, name } : undefined;
}

/** @returns undefined for what is no record of this build */
export function parseRecordKey(key: string): RecordKeyParts | undefined {
  const [, kind = "", id = "", name = ""] = /^([a-z_]+)\/([^/]+)(?:\/(.+))?$/.exec(key) ?? [];
  return isOneOf(recordScopes, kind) ? { kind, scope: recordScopes[kind], id, name } : undefined;
}

function lockKey(kind: LockKind, id: string, name?: string): string {
  return `${kind}:{${id}}${name === undefined ? "" : `:${name}`}`;
}

function isOneOf<T extends object>(kinds: T, kind: string): kind is Extract<keyof T, string> {
  return Object.hasOwn(kinds, kind);
}

function splitAtLast(key: string): readonly [before: string, after: string] {
  const at = key.lastIndexOf("/");
  return [key.slice(0, at), key.slice(at + 1)];
}
